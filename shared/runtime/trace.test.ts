import { expect, test } from 'vitest';
import { childOf, formatTraceparent, parseTraceparent } from './trace.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test.each([
  [`00-${traceId}-${spanId}-01`, true],
  [`00-${traceId}-${spanId}-00`, false],
  [`00-${traceId}-${spanId}-ff`, true],
  [`cc-${traceId}-${spanId}-01-what-a-later-version-adds`, true],
])('reads %s', (text, sampled) => {
  expect(parseTraceparent(text)).toEqual({ traceId, spanId, sampled });
});

test.each([
  undefined,
  '',
  `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}-1`,
  `00-${traceId}-${spanId}`,
])('takes %s for none', (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});

test('a child is of its parent’s trace, and is told from it', () => {
  const parent = { traceId, spanId, sampled: false };
  const child = childOf(parent);
  expect(child).toMatchObject({ traceId, sampled: false });
  expect(child.spanId).not.toBe(spanId);
  expect(parseTraceparent(formatTraceparent(child))).toEqual(child);
});

test('what nothing is known to have caused begins a trace of its own', () => {
  const [one, other] = [childOf(undefined), childOf(undefined)];
  expect(one.traceId).not.toBe(other.traceId);
  expect(parseTraceparent(formatTraceparent(one))).toEqual(one);
});
