import { expect, test } from 'vitest';
import type { FeedCursor } from '../domain/changeFeed.ts';
import { changesQuerySchema, decodeChangeCursor, encodeChangeCursor } from './changeCursor.ts';

const feed = '0123456789abcdef0123456789abcdef';
const id = 'ffffffff-ffff-4fff-bfff-ffffffffffff';
const largest = 2n ** 64n - 1n;
const longest: FeedCursor = { feed, position: { changedIn: largest, id }, informedTo: largest };
const encoded = (values: unknown) => Buffer.from(JSON.stringify(values)).toString('base64url');

test('a cursor is read as it was written, up to the largest transaction id', () => {
  expect(decodeChangeCursor(encodeChangeCursor(longest))).toEqual(longest);
  expect(decodeChangeCursor(undefined)).toBeNull();
});

test('the longest cursor fits into the query', () => {
  const since = encodeChangeCursor(longest);
  expect(since).toHaveLength(162);
  expect(changesQuerySchema.parse({ since }).since).toBe(since);
});

test.each([
  ['nothing', ''],
  ['no base64url', 'ä'],
  ['no JSON', 'e'],
  ['another shape', encoded({})],
  ['too few values', encoded([feed, '1', id])],
  ['too many values', encoded([feed, '1', id, '1', '1'])],
  ['a number for a transaction', encoded([feed, 1, id, '1'])],
  ['a transaction below the smallest', encoded([feed, '-1', id, '1'])],
  ['a transaction above the largest', encoded([feed, '18446744073709551616', id, '1'])],
  ['a transaction written in another way', encoded([feed, '01', id, '1'])],
  ['a transaction that is SQL', encoded([feed, "1'; drop table tasks; --", id, '1'])],
  ['an id that is none', encoded([feed, '1', 'x', '1'])],
  ['an id in capitals', encoded([feed, '1', id.toUpperCase(), '1'])],
  ['a feed that is none', encoded(['x', '1', id, '1'])],
  ['something behind it', `${encodeChangeCursor(longest)}=`],
  ['a space in it', encodeChangeCursor(longest).replace(/^./, '$& ')],
])('a cursor with %s is refused', (_what, since) => {
  expect(() => decodeChangeCursor(since)).toThrow(expect.objectContaining({ code: 'invalid' }));
});
