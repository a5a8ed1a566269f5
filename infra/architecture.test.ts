import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

interface Import {
  from: string;
  to: string;
}

interface Rule {
  /** Which files it holds for. */
  files: RegExp;
  /** What they may import of the project; of packages, everything where `packages` is left out. */
  imports: (file: string) => RegExp;
  packages?: RegExp;
  instead: string;
}

const rules: Rule[] = [
  {
    files: /^functions\//,
    imports: (file) => new RegExp(`^(functions/${file.split('/')[1]}|shared)/`),
    instead: 'what two functions need belongs into shared/',
  },
  {
    files: /^shared\/domain\//,
    imports: () => /^shared\/domain\//,
    packages: /^zod(\/|$)/,
    instead: 'rules are pure: what they need comes in as an argument',
  },
  {
    files: /^shared\/events\//,
    imports: () => /^shared\/(domain|events)\//,
    instead: 'events know the domain only',
  },
  {
    files: /^shared\/store\//,
    imports: () => /^shared\/(domain|events|store)\//,
    instead: 'SQL knows the domain and the events that it keeps',
  },
  {
    files: /^shared\/channels\//,
    imports: () => /^shared\/(domain|events|store|runtime|channels)\//,
    instead: 'channels send what the store has',
  },
  { files: /^shared\/runtime\//, imports: () => /^shared\//, instead: 'the runtime runs functions, it knows none' },
  { files: /^infra\//, imports: () => /^(infra|shared|functions)\//, instead: 'scripts call infra, not the other way' },
];

/** Imports that break a rule, each with what to do instead. */
function violations(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to }) =>
    rules
      .filter(({ files }) => files.test(from))
      .filter(({ imports, packages }) =>
        to.includes('/') && isFile(to) ? !imports(from).test(to) : packages?.test(to) === false,
      )
      .map(({ instead }) => `${from} imports ${to}: ${instead}`),
  );
}

const isFile = (path: string) => /\.(ts|json|mjs)$/.test(path);

async function projectImports(): Promise<Import[]> {
  const folders = ['functions', 'shared', 'infra', 'scripts'];
  const listings = await Promise.all(folders.map((folder) => readdir(join(root, folder), { recursive: true })));
  const files = listings.flatMap((paths, index) => paths.map((path) => join(folders[index] ?? '', path)));
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return (await Promise.all(sources.map(importsOf))).flat();
}

async function importsOf(file: string): Promise<Import[]> {
  const source = await readFile(join(root, file), 'utf8');
  const specifiers = [
    ...source.matchAll(/(?:^import\s|^export\s|^\} )(?:[^;]*?\bfrom )?'([^']+)'|\bimport\('([^']+)'\)/gm),
  ];
  return specifiers.map(([, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic ?? '';
    const to = specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier;
    return { from: file, to };
  });
}

test('every import keeps to the layers', async () => {
  const imports = await projectImports();
  expect(imports.length).toBeGreaterThan(100);
  expect(violations(imports)).toEqual([]);
});

test.each([
  { from: 'functions/createTask/createTask.ts', to: 'functions/getTask/getTask.ts' },
  { from: 'functions/createTask/createTask.ts', to: 'infra/local/platform.ts' },
  { from: 'shared/domain/task.ts', to: 'shared/store/tasks.ts' },
  { from: 'shared/domain/task.ts', to: 'hono' },
  { from: 'shared/events/event.ts', to: 'shared/store/tasks.ts' },
  { from: 'shared/store/tasks.ts', to: 'shared/runtime/app.ts' },
  { from: 'shared/runtime/app.ts', to: 'functions/createTask/createTask.ts' },
  { from: 'infra/functions.ts', to: 'scripts/build.ts' },
])('$from may not import $to', (forbidden) => {
  expect(violations([forbidden])).toHaveLength(1);
});
