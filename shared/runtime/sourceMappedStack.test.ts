import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sourceMappedStack } from './sourceMappedStack.ts';

const source = `
// Lines that a bundle has no more.
export function fail(): never {
  const reason: string = 'it broke';
  throw new Error(reason);
}
`;
const require = createRequire(import.meta.url);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'source-map-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A stack from a bundle, and what lies beside that. */
async function stackOf(name: string, makeMap: (map: string) => string | undefined): Promise<string> {
  const { code, map } = await transform(source, {
    ...{ loader: 'ts', format: 'cjs', minify: true, sourcemap: 'external', sourcefile: '../../functions/a/a.ts' },
  });
  const file = join(folder, `${name}.js`);
  await writeFile(file, code);
  const made = makeMap(map);
  if (made !== undefined) await writeFile(`${file}.map`, made);
  try {
    return require(file).fail();
  } catch (error) {
    return (error as Error).stack ?? '';
  }
}

test('places in a bundle become those in the sources', async () => {
  const mapped = sourceMappedStack(await stackOf('mapped', (map) => map));
  expect(mapped).toMatch(/^Error: it broke\n.*\(functions\/a\/a\.ts:5:9\)\n/);
});

test.each([
  ['no map', () => undefined],
  ['a broken one', () => '{"mappings'],
])('with %s they stay what they are', async (name, makeMap) => {
  const stack = await stackOf(name, makeMap);
  expect(stack).toContain(`${join(folder, name)}.js:1:`);
  expect(sourceMappedStack(stack)).toBe(stack);
});
