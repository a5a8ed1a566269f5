import { expect, test } from 'vitest';
import * as z from 'zod';
import { faultsOf } from './faults.ts';

const schema = z.strictObject({
  title: z.string(),
  'a/b~c': z.number().optional(),
  tags: z.array(z.string()),
  due: z.union([
    z.strictObject({ date: z.string(), zone: z.string() }),
    z.strictObject({ dateTime: z.string(), zone: z.string() }),
  ]),
});

function pointersIn(input: unknown): string[] {
  const result = schema.safeParse(input);
  return result.success ? [] : faultsOf(result.error).map(({ pointer }) => pointer);
}

const good = { title: 'a', tags: [], due: { date: '2026-01-01', zone: 'UTC' } };

test('each fault has a pointer to where it stands', () => {
  expect(pointersIn(good)).toEqual([]);
  expect(pointersIn({ ...good, title: 1, tags: ['a', 2] })).toEqual(['/title', '/tags/1']);
  expect(pointersIn('text')).toEqual(['']);
});

test('an unknown field is pointed to itself, not to the object that it stands in', () => {
  expect(pointersIn({ ...good, colour: 'red' })).toEqual(['/colour']);
});

test('a pointer escapes what RFC 6901 gives a meaning', () => {
  expect(pointersIn({ ...good, 'a/b~c': 'x' })).toEqual(['/a~1b~0c']);
});

test('where a value could have been several things, the faults are those of the nearest', () => {
  expect(pointersIn({ ...good, due: { dateTime: 5, zone: 'UTC' } })).toEqual(['/due/dateTime']);
  expect(pointersIn({ ...good, due: { date: '2026-01-01' } })).toEqual(['/due/zone']);
});
