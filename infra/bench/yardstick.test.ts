import { expect, test } from 'vitest';
import { requireRecent } from './fastApi.ts';
import { orLeftOut } from './yardstick.ts';

test('a yardstick that can’t be made is left out, and said to be missing', async () => {
  const said: string[] = [];
  const left = await orLeftOut(
    'FastAPI',
    (line) => said.push(line),
    () => Promise.reject(new Error('python3 is missing')),
  );
  expect(left).toBeUndefined();
  expect(said).toEqual(['LEFT OUT, a yardstick is missing: FastAPI: python3 is missing']);
  expect(
    await orLeftOut(
      'FastAPI',
      (line) => said.push(line),
      async () => 'made',
    ),
  ).toBe('made');
  expect(said).toHaveLength(1);
});

test('a Python that FastAPI can’t run on is refused, with what to install', () => {
  for (const version of ['3.10.0', '3.11.7', '4.0.0']) expect(() => requireRecent(version)).not.toThrow();
  for (const version of ['2.7.18', '3.9.20'])
    expect(() => requireRecent(version)).toThrow(/is too old: install Python 3.10/);
});
