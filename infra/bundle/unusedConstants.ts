import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Where importing a module does nothing but make its constants, as the project's habits want it. */
const SOURCES = /[\\/](shared|functions)[\\/].*\.ts$/;
/** A constant of a module that is made by calls; functions need no making. */
const CONSTANT = /^((?:export )?const \w+(?:: [^=]+)? = )(?!async\b|function\b|class\b|new\b|[(<`'"\d/])(.*)$/;
/** What can stand at the beginning of a line of a module, but not of one that a statement goes on in. */
const NEXT_STATEMENT = /^[a-z/@]/;

/**
 * Lets esbuild leave out the constants of a module that a function has no use for, above all zod schemas: it can't know
 * that making them does nothing else. Two thirds of all schemas are such, and each costs every start of a function.
 */
export const unusedConstants: Plugin = {
  name: 'unused-constants',
  setup(build) {
    build.onLoad({ filter: SOURCES }, async ({ path }) => ({
      contents: markConstants(await readFile(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

/** Marks the making of each constant as free of side effects; lines keep their numbers. */
export function markConstants(source: string): string {
  const lines = source.split('\n');
  for (let first = 0; first < lines.length; first += 1) {
    const [, head, tail] = CONSTANT.exec(lines[first] ?? '') ?? [];
    if (head === undefined) continue;
    const last = endOfStatement(lines, first);
    if (!lines.slice(first, last + 1).some((line) => line.includes('('))) continue;
    lines[first] = `${head}/* @__PURE__ */ (() => (${tail}`;
    lines[last] = (lines[last] ?? '').replace(/;$/, '))();');
  }
  return lines.join('\n');
}

/** The line that ends the statement which begins at a line: the project's format puts nothing else beside its semicolon. */
function endOfStatement(lines: readonly string[], first: number): number {
  for (let line = first; line < lines.length; line += 1) {
    if (!lines[line]?.endsWith(';')) continue;
    const following = lines.slice(line + 1).find((text) => text !== '');
    if (following === undefined || NEXT_STATEMENT.test(following)) return line;
  }
  throw new Error(`the statement "${lines[first]}" has no end that infra/bundle/unusedConstants.ts can see`);
}
