import type * as z from 'zod';
import type { HttpFunction } from '../../../shared/runtime/defineFunction.ts';
import { routeOf } from '../../../shared/runtime/route.ts';
import type { JsonSchema, SchemaCollection } from '../jsonSchema.ts';
import { answerHeaders, headerParameters } from './headers.ts';
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
      ...(input.body && { requestBody: { required: true, content: json(schemas.input(input.body)) } }),
      responses: {
        [output.status]: {
          description: descriptionOf(output.status),
          headers: answerHeaders(definition),
          content: json(schemas.output(output.body)),
        },
        ...problemResponses(definition),
      },
    },
  };
}

/** One parameter for each field of a schema of params or of a query. */
function parametersIn(place: 'path' | 'query', schema: z.ZodType | undefined, schemas: SchemaCollection): object[] {
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

function json(schema: JsonSchema) {
  return { 'application/json': { schema } };
}

function descriptionOf(status: HttpFunction['output']['status']): string {
  return { 200: 'Done.', 201: 'Created.' }[status];
}
