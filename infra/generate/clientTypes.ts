import { block, comment, field } from './clientTypes/source.ts';
import { typeOf } from './clientTypes/typeOf.ts';
import type { JsonSchema } from './jsonSchema.ts';

/** As much of an OpenAPI document as `openApi` writes. */
interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: {
    parameters: Record<string, Parameter>;
    responses: Record<string, Response>;
    schemas: Record<string, JsonSchema>;
  };
}
interface Operation {
  summary: string;
  parameters: (Parameter | Reference)[];
  requestBody?: { content: Content };
  responses: Record<string, Response | Reference>;
}
interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  schema: JsonSchema;
}
interface Response {
  content?: Content;
}
type Content = Record<string, { schema: JsonSchema }>;
interface Reference {
  $ref: string;
}

/**
 * TypeScript types of what an OpenAPI document (JSON) describes: one for each of its schemas, and `paths` in the form
 * that openapi-fetch takes. Its usual companion, openapi-typescript, needs the API that TypeScript had before version 7.
 */
export function clientTypes(openApi: string): string {
  const { paths, components } = JSON.parse(openApi) as OpenApiDocument;
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `${comment(schema.description)}export type ${name} = ${typeOf(schema)};\n`,
  );
  const items = Object.entries(paths).map(([path, item]) => {
    const operations = Object.entries(item).map(
      ([method, operation]) => comment(operation.summary) + field(method, operationType(operation)),
    );
    return field(path, block(operations));
  });

  function operationType({ parameters, requestBody, responses }: Operation): string {
    const given = parameters.map((parameter) => resolved(parameter, components.parameters));
    return block([
      field('parameters', block(['path', 'query', 'header'].flatMap((place) => parametersIn(place, given)))),
      ...(requestBody ? [field('requestBody', block([field('content', contentType(requestBody.content))]))] : []),
      field('responses', block(Object.entries(responses).map(([status, r]) => field(status, responseType(r))))),
    ]);
  }

  function responseType(response: Response | Reference): string {
    const { content } = resolved(response, components.responses);
    return block([content ? field('content', contentType(content)) : field('content', 'never', false)]);
  }

  return [...schemas, `/** Every operation, by path and method. */\nexport interface paths ${block(items)}\n`].join(
    '\n',
  );
}

function parametersIn(place: string, parameters: readonly Parameter[]): string[] {
  const here = parameters.filter((parameter) => parameter.in === place);
  if (here.length === 0) return [];
  const fields = here.map(
    ({ name, required, description, schema }) => comment(description) + field(name, typeOf(schema), required === true),
  );
  return [
    field(
      place,
      block(fields),
      here.some(({ required }) => required),
    ),
  ];
}

function contentType(content: Content): string {
  return block(Object.entries(content).map(([type, { schema }]) => field(type, typeOf(schema))));
}

function resolved<T>(value: T | Reference, components: Record<string, T>): T {
  if (!isReference(value)) return value;
  const found = components[value.$ref.slice(value.$ref.lastIndexOf('/') + 1)];
  if (found === undefined) throw new Error(`${value.$ref} leads nowhere`);
  return found;
}

function isReference(value: unknown): value is Reference {
  return (value as Reference).$ref !== undefined;
}
