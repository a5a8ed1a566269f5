import type { HttpFunction } from '../../../shared/runtime/defineFunction.ts';
import type { JsonSchema } from '../jsonSchema.ts';

/** A header that functions take or give: which of them do, and what it means. */
interface Header {
  name: string;
  when(definition: HttpFunction): boolean;
  description: string;
  schema: JsonSchema;
}

/** The one place that says which function takes which header, beside what HTTP itself and the body's type ask for. */
const requestHeaders: readonly Header[] = [
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
    responseHeaders.map(({ name, description, schema }) => [
      componentName(name),
      { description, required: true, schema },
    ]),
  ),
};

/** `X-Request-Id` → `XRequestId` */
function componentName(name: string): string {
  return name.replaceAll('-', '');
}
