import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { markConstants } from './unusedConstants.ts';

/** What remains of a module of which only `used` is used. */
async function remainsOf(source: string): Promise<string> {
  const contents = `${markConstants(source)}\nconsole.log(used);`;
  const { outputFiles } = await build({ stdin: { contents, loader: 'ts' }, bundle: true, write: false, format: 'esm' });
  return outputFiles[0]?.text ?? '';
}

test.each([
  ['a call', "const unused = make('x');"],
  [
    'a chain over lines',
    "const unused = make('x')\n  .then((a) => {\n    const b = a;\n\n    return b;\n  })\n  .end();",
  ],
  ['an object of calls', "const unused = {\n  a: make('x'),\n} as const satisfies Record<string, unknown>;"],
  ['one with a type', "const unused: Map<string, number> = make('x');"],
])('a constant made by %s is left out where nothing uses it', async (_what, constant) => {
  expect(await remainsOf(`${constant}\n\nconst used = make('used');`)).not.toMatch(/unused|'x'|"x"/);
});

test('a constant that is used is made as it was', async () => {
  const remains = await remainsOf(
    'const used = make({\n  a: 1,\n});\n\nfunction make(value: object) {\n  return value;\n}',
  );
  expect(remains).toMatch(/make\(\{\s+a: 1\s+\}\)/);
});

test.each(['const f = (a: number) => call(a);', 'const g = async () => call();', 'const n = 5;', "const s = 'a(b)';"])(
  '%s stays as it is',
  (source) => expect(markConstants(source)).toBe(source),
);

test('lines keep their numbers', () => {
  const source = 'const a = make(\n  1,\n);\n\n/** What b is. */\nexport const b = make(2);\n';
  expect(markConstants(source).split('\n')).toHaveLength(source.split('\n').length);
});

test('a statement without an end that can be seen is told of', () => {
  expect(() => markConstants('const a = make(\n  1,\n)')).toThrow('has no end');
});
