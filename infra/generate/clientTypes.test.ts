import { expect, test } from 'vitest';
import { typeOf } from './clientTypes/typeOf.ts';
import { clientTypes } from './clientTypes.ts';

test.each([
  [{ type: 'string', format: 'uuid' }, 'string'],
  [{ type: 'integer' }, 'number'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ enum: ['open', "it's"] }, "'open' | 'it\\'s'"],
  [{ const: '1.0' }, "'1.0'"],
  [{ $ref: '#/components/schemas/Task' }, 'Task'],
  [{ anyOf: [{ $ref: '#/components/schemas/Due' }, { type: 'null' }] }, 'Due | null'],
  [{ type: 'array', items: { type: ['string', 'null'] } }, '(string | null)[]'],
  [{ type: 'array', items: { anyOf: [{ type: 'object', properties: {} }, { type: 'null' }] } }, '({} | null)[]'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, '{\n  [name: string]: number;\n}'],
  [{}, 'unknown'],
] as const)('%j is %s', (schema, type) => {
  expect(typeOf(schema as never)).toBe(type);
});

test('a field that may be left out is optional, and has its description', () => {
  const properties = { title: { type: 'string', description: 'On one line.' }, 'due-at': { type: 'string' } } as const;
  expect(typeOf({ type: 'object', properties, required: ['title'] })).toBe(
    "{\n  /** On one line. */\n  title: string;\n  'due-at'?: string;\n}",
  );
});

test('a schema of a kind that is not known is refused, not taken for something else', () => {
  for (const schema of [{ type: 'tuple' }, { allOf: [] }]) {
    expect(() => typeOf(schema as never)).toThrow(/no TypeScript type is known/);
  }
});

test('a reference that leads nowhere is refused', () => {
  const operation = { summary: 'Reads.', parameters: [], responses: { 404: { $ref: '#/components/responses/Gone' } } };
  const components = { parameters: {}, responses: {}, schemas: {} };
  expect(() => clientTypes(JSON.stringify({ paths: { '/tasks': { get: operation } }, components }))).toThrow(/Gone/);
});
