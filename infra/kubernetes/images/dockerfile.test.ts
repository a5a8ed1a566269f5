import { access, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import project from '../../../package.json' with { type: 'json' };
import { NODE_VERSION } from './nodePackage.ts';
import { ENTRYPOINT } from './projectImages.ts';

// No container engine runs these tests. They hold what of the Dockerfile depends on the rest of the project.

interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** Instructions by stage, without comments, continued lines joined. */
function stagesOf(text: string): Instruction[][] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  const stages: Instruction[][] = [];
  for (const line of lines.filter(Boolean)) {
    const [, name = '', value = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? expect.fail(`not an instruction: ${line}`);
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, value });
  }
  return stages;
}

const stages = stagesOf(await readFile(new URL('./Dockerfile', import.meta.url), 'utf8'));
const [build = [], image = []] = stages;
const values = (stage: readonly Instruction[], wanted: string) =>
  stage.filter(({ name }) => name === wanted).map(({ value }) => value);

test('begins with bases that are pinned by version and digest, Node’s being that of the other images', () => {
  const bases = stages.map((stage) => values(stage, 'FROM')[0]);
  for (const base of bases) expect(base).toMatch(/^[^ ]+:[^ :@]+@sha256:[0-9a-f]{64}( AS \w+)?$/);
  expect(bases).toHaveLength(2);
  expect(bases[0]).toContain(`node:${NODE_VERSION}-`);
});

test('copies nothing into the build that the project does not have', async () => {
  const copied = values(build, 'COPY').flatMap((value) => value.split(' ').slice(0, -1));
  expect(copied).toEqual(expect.arrayContaining(['package-lock.json', 'functions', 'shared', 'infra', 'scripts']));
  for (const path of copied) await access(path);
  const ignored = (await readFile('.dockerignore', 'utf8')).trim().split('\n');
  expect(copied.filter((path) => ignored.includes(path))).toEqual([]);
});

test('makes the bundles that it copies', () => {
  expect(values(build, 'RUN').at(-1)).toBe('npm run build');
  expect(project.scripts.build).toBe('tsx scripts/build.ts');
  expect(values(image, 'COPY').at(-1)).toMatch(/^--from=build \/src\/dist\/\${BUNDLE:\?[^} ]+\}\/ \/app\/$/);
});

test('runs them as the other images do: by the same command, as nobody, without a step that needs a shell', () => {
  expect(values(image, 'ENTRYPOINT').map((value) => JSON.parse(value))).toEqual([ENTRYPOINT]);
  expect(values(image, 'USER')).toEqual(['65532:65532']);
  expect(values(image, 'ENV')).toEqual(['NODE_ENV=production']);
  expect(values(image, 'RUN')).toEqual([]);
  expect(values(image, 'ARG')).toContain(`VERSION=${project.version}`);
});
