import { type FunctionDefinition, isHttp } from '../../shared/runtime/defineFunction.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import { collectSchemas } from './jsonSchema.ts';
import { headerComponents } from './openApi/headers.ts';
import { BEARER, operationOf } from './openApi/operation.ts';
import { problemComponents } from './openApi/problems.ts';
import { tagOf } from './openApi/tags.ts';

const description = `Tasks with reminders and recurrence. A request acts for the user whose token it carries and sees nothing of others.
Bodies are JSON of at most 64 KiB; instants are RFC 3339 in UTC; what is refused is told as a problem (RFC 9457).
Answers may get more fields at any time: ignore those that you do not know.`;

const tokenDescription = `A JWT whose subject is the user, signed with ES256, EdDSA or RS256 by the issuer that the service trusts.
Its claim \`scope\` lists what it allows beside the user's own.`;

/** The OpenAPI 3.1 document of every function that HTTP wakes, as JSON. */
export function openApi(definitions: readonly FunctionDefinition[], version: string): string {
  const schemas = collectSchemas();
  const functions = definitions.filter(isHttp);
  const paths: Record<string, Record<string, object>> = {};
  for (const definition of functions) {
    const { path, method, operation } = operationOf(definition, schemas);
    paths[path] = { ...paths[path], [method]: operation };
  }
  const tags = new Set(functions.map(({ trigger }) => tagOf(routeOf(trigger).path)));
  const responses = problemComponents(schemas);
  const document = {
    openapi: '3.1.1',
    info: { title: 'Evolution Todo', version, description },
    servers: [
      { url: '/', description: 'Where this document was read from' },
      { url: 'http://127.0.0.1:8080', description: 'The local platform: npm start' },
    ],
    tags: [...tags].sort((a, b) => (a.name < b.name ? -1 : 1)),
    paths,
    components: {
      securitySchemes: {
        [BEARER]: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: tokenDescription },
      },
      ...headerComponents,
      responses,
      schemas: schemas.components(),
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
