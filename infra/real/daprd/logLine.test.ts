import { expect, it } from 'vitest';
import { worthReporting } from './logLine.ts';

const line = (level: string, rest: object = {}) =>
  JSON.stringify({ level, msg: 'said', scope: 'dapr.runtime', ...rest });

it('reports errors of daprd at any time, with their cause', () => {
  expect(worthReporting(line('error', { error: 'kafka: client has run out of brokers' }), false)).toBe(
    'said: kafka: client has run out of brokers',
  );
  expect(worthReporting(line('fatal'), true)).toBe('said');
});

it('reports warnings only once daprd has served', () => {
  expect(worthReporting(line('warning'), false)).toBeUndefined();
  expect(worthReporting(line('warning'), true)).toBe('said');
  expect(worthReporting(line('info'), true)).toBeUndefined();
});

it('passes over what is no line of its log', () => {
  expect(worthReporting('panic: no components', true)).toBeUndefined();
  expect(worthReporting('null', true)).toBeUndefined();
});
