import { expect, test } from 'vitest';
import * as z from 'zod';
import { DomainError } from '../domain/errors.ts';
import { parseQuery } from './query.ts';

const schema = z.strictObject({
  limit: z.coerce.number().int().default(50),
  word: z.string().optional(),
  tag: z.array(z.string()).max(2).optional(),
  mark: z.array(z.string()).default(['none']),
});

const parse = (query: string) => parseQuery(schema, `http://localhost/tasks${query}`);

test.each([
  ['', { limit: 50, mark: ['none'] }],
  ['?limit=3&word=a+b%20c', { limit: 3, word: 'a b c', mark: ['none'] }],
  ['?tag=one', { limit: 50, tag: ['one'], mark: ['none'] }],
  ['?tag=one&mark=x&tag=two', { limit: 50, tag: ['one', 'two'], mark: ['x'] }],
  ['?word=', { limit: 50, word: '', mark: ['none'] }],
])('the query "%s" is read', (query, expected) => {
  expect(parse(query)).toEqual(expected);
});

test.each([
  ['?word=a&word=b', '/word', /only once/],
  ['?word=a&word=a', '/word', /only once/],
  ['?limit=1&limit=1', '/limit', /only once/],
  ['?tag=1&tag=2&tag=3', '/tag', /./],
  ['?colour=red', '/colour', /not known/],
  ['?colour=red&colour=blue', '/colour', /./],
  ['?__proto__=x', '/__proto__', /not known/],
  ['?constructor=x', '/constructor', /not known/],
  ['?a~/b=x', '/a~0~1b', /not known/],
])('the query "%s" is refused, with a pointer to %s', (query, pointer, detail) => {
  const refusal = refusalOf(query);
  expect(refusal.code).toBe('invalid');
  expect(refusal.faults).toEqual([{ pointer, detail: expect.stringMatching(detail) }]);
});

test.each(['?word=%', '?word=%ff%fe', '?word=%u0041', '?%=%', '?&&=&=', '?word'])(
  'the badly encoded query "%s" is read or refused',
  (query) => {
    try {
      expect(parse(query)).toMatchObject({ word: expect.any(String) });
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
    }
  },
);

test('a function without a query takes any', () => {
  expect(parseQuery(undefined, 'http://localhost/tasks?a=1&a=2')).toBeUndefined();
});

function refusalOf(query: string): DomainError {
  try {
    parse(query);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
