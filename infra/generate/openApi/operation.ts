import type * as z from 'zod';
import type { HttpFunction } from '../../../shared/runtime/defineFunction.ts';
import { acceptedContentTypes } from '../../../shared/runtime/http.ts';
import { routeOf } from '../../../shared/runtime/route.ts';
import type { JsonSchema, SchemaCollection } from '../jsonSchema.ts';
import { heedsIfNoneMatch } from './aspects.ts';
import { answerHeaders, headerParameters, headerReference } from './headers.ts';
import { problemResponses } from './problems.ts';
import { tagOf } from './tags.ts';

/** Name of the security scheme that every function but a public one asks for. */
export const BEARER = 'bearer';

/** An operation of the document, and where it stands in it: `{ '/tasks/{id}': { get: operation } }`. */
export interface Operation {
  path: string;
  method: string;
  operation: object;
}

/** Describes an HTTP function. Schemas with an id go into `schemas` and are referred to. */
export function operationOf(definition: HttpFunction, schemas: SchemaCollection): Operation {
  const { method, path } = routeOf(definition.trigger);
  const { name, summary, input = {}, output } = definition;
  const parameters = [
    ...parametersIn('path', input.params, schemas),
    ...parametersIn('query', input.query, schemas),
    ...headerParameters(definition),
  ];
  return {
    path: path.replace(/:(\w+)/g, '{$1}'),
    method: method.toLowerCase(),
    operation: {
      operationId: name,
      summary,
      tags: [tagOf(path).name],
      security: securityOf(definition),
      parameters,
      ...(input.body && { requestBody: { required: true, content: bodies(method, schemas.input(input.body)) } }),
      responses: {
        [output.status]: {
          description: descriptionOf(output.status),
          headers: answerHeaders(definition),
          content: { [mediaTypeOf(output)]: { schema: schemas.output(output.body) } },
        },
        ...(heedsIfNoneMatch(definition) && { 304: notModified }),
        ...problemResponses(definition),
      },
    },
  };
}

/** One parameter for each field of a schema of params or of a query. */
function parametersIn(
  place: 'path' | 'query',
  schema: z.core.$ZodType | undefined,
  schemas: SchemaCollection,
): object[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemas.input(schema);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as JsonSchema;
    return { name, in: place, required: required.includes(name), ...(description && { description }), schema: rest };
  });
}

function securityOf(definition: HttpFunction): object[] {
  return definition.public ? [] : [{ [BEARER]: definition.scope ? [definition.scope] : [] }];
}

function bodies(method: string, schema: JsonSchema) {
  return Object.fromEntries(acceptedContentTypes(method).map((type) => [type, { schema }]));
}

const notModified = {
  description: 'It is still the version that you have.',
  headers: { ETag: headerReference('ETag') },
};

/** Without its parameters, which say how it is written. */
function mediaTypeOf({ contentType }: HttpFunction['output']): string {
  return contentType?.split(';')[0] ?? 'application/json';
}

function descriptionOf(status: HttpFunction['output']['status']): string {
  return { 200: 'Done.', 201: 'Created.' }[status];
}
