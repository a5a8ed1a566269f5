import { expect, test } from 'vitest';
import * as z from 'zod';
import { collectSchemas } from './jsonSchema.ts';

const due = z.strictObject({ date: z.iso.date() }).meta({ id: 'Due' });
const task = z.object({ due: due.nullable(), version: z.int().positive() }).meta({ id: 'Task' });

test('what has an id stands among the components, and is referred to', () => {
  const schemas = collectSchemas();
  expect(schemas.output(z.object({ items: z.array(task) }))).toEqual({
    type: 'object',
    properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Task' } } },
    required: ['items'],
  });
  expect(schemas.components()).toEqual({
    Due: {
      type: 'object',
      properties: { date: { type: 'string', format: 'date' } },
      required: ['date'],
      additionalProperties: false,
    },
    Task: {
      type: 'object',
      properties: {
        due: { anyOf: [{ $ref: '#/components/schemas/Due' }, { type: 'null' }] },
        version: { type: 'integer', exclusiveMinimum: 0 },
      },
      required: ['due', 'version'],
    },
  });
});

test('a field with a default may be left out of what is sent, and is always there in what is answered', () => {
  const schema = z.object({ priority: z.string().default('medium') });
  expect(collectSchemas().input(schema)).not.toHaveProperty('required');
  expect(collectSchemas().output(schema)).toMatchObject({ required: ['priority'] });
});

test('one id for two schemas is refused', () => {
  const schemas = collectSchemas();
  schemas.output(due);
  expect(() => schemas.output(z.object({ other: z.string() }).meta({ id: 'Due' }))).toThrow(/the id Due/);
});

test('what JSON Schema has no word for is refused, not left out', () => {
  expect(() => collectSchemas().output(z.object({ at: z.date() }))).toThrow(/Date/);
});
