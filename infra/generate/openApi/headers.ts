import type { HttpFunction } from '../../../shared/runtime/defineFunction.ts';
import type { JsonSchema } from '../jsonSchema.ts';
import { hasVersion, heedsIfMatch, heedsIfNoneMatch, isWrite } from './aspects.ts';

/** A header that functions take or give: which of them do, and what it means. */
interface Header {
  name: string;
  when(definition: HttpFunction): boolean;
  description: string;
  schema: JsonSchema;
  /** For what a function gives: whether it is not always there. */
  optional?: true;
}

/** The one place that says which function takes which header, beside what HTTP itself and the body's type ask for. */
const requestHeaders: readonly Header[] = [
  {
    name: 'Idempotency-Key',
    when: isWrite,
    description: 'Yours, and new for each request: sent again with the same one, it gets the same answer for 24 hours.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  {
    name: 'If-Match',
    when: heedsIfMatch,
    description: 'The `ETag` of the version that is to be changed, and no other.',
    schema: { type: 'string' },
  },
  {
    name: 'If-None-Match',
    when: heedsIfNoneMatch,
    description: 'The `ETag` of the version that you have; while it is still that one, the answer is 304.',
    schema: { type: 'string' },
  },
  {
    name: 'X-Request-Id',
    when: () => true,
    description: 'Your own id of the request, which then stands in the log; without one it is given one.',
    schema: { type: 'string', pattern: '^[\\w.-]{1,128}$' },
  },
];

/** The one place that says which function gives which header with what it answers. */
const responseHeaders: readonly Header[] = [
  {
    name: 'ETag',
    when: hasVersion,
    description: 'Names this version.',
    schema: { type: 'string' },
  },
  {
    name: 'Idempotency-Replayed',
    when: isWrite,
    optional: true,
    description: 'There when the request had been answered before and nothing was done this time.',
    schema: { const: 'true' },
  },
  {
    name: 'Location',
    when: ({ output }) => output.location !== undefined,
    description: 'Where the new thing is from now on.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  {
    name: 'X-Request-Id',
    when: () => true,
    description: 'The id of the request, to quote when something went wrong.',
    schema: { type: 'string' },
  },
];

/** References to the headers that a function takes, as parameters. */
export function headerParameters(definition: HttpFunction): { $ref: string }[] {
  return requestHeaders
    .filter(({ when }) => when(definition))
    .map(({ name }) => ({ $ref: `#/components/parameters/${componentName(name)}` }));
}

/** References to the headers that come with a function's answer, by name. */
export function answerHeaders(definition: HttpFunction): Record<string, { $ref: string }> {
  const given = responseHeaders.filter(({ when }) => when(definition));
  return Object.fromEntries(given.map(({ name }) => [name, headerReference(name)]));
}

/** A reference to one of the headers that functions give. */
export function headerReference(name: string): { $ref: string } {
  return { $ref: `#/components/headers/${componentName(name)}` };
}

/** The components that those references lead to. */
export const headerComponents = {
  parameters: Object.fromEntries(
    requestHeaders.map(({ name, description, schema }) => [
      componentName(name),
      { name, in: 'header', description, schema },
    ]),
  ),
  headers: Object.fromEntries(
    responseHeaders.map(({ name, description, schema, optional = false }) => [
      componentName(name),
      { description, required: !optional, schema },
    ]),
  ),
};

/** `X-Request-Id` → `XRequestId` */
function componentName(name: string): string {
  return name.replaceAll('-', '');
}
