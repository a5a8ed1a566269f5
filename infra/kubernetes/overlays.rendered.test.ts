import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadFunctions } from '../functions.ts';
import { versions } from '../real/go/daprProgram.ts';
import { type ManifestsProgram, manifestsProgram } from './manifests/program.ts';
import { overlays } from './overlays.ts';
import { allContainers, type System } from './rules/objects.ts';
import { brokenRules } from './rules/rules.ts';

let program: ManifestsProgram;
beforeAll(async () => {
  program = await manifestsProgram((step) => process.stderr.write(`… ${step}\n`));
});

const all = await overlays();
const definitions = await loadFunctions();

test('there are the overlays that README.md tells of', () => {
  const told = ['kafka-strimzi-neon', 'kafka-strimzi-postgres', 'redpanda-neon', 'redpanda-postgres', 'one-machine'];
  // One's own stands beside them, and is checked as they are.
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(told));
});

test('a Service that begins at zero is let in only where Knative is told to', async () => {
  const oneMachine = all.find(({ name }) => name === 'one-machine');
  const objects = await program.render(oneMachine?.path ?? '');
  const faults = await program.check(objects);
  expect(new Set(faults.map(({ check, message }) => `${check}: ${message.split(':')[0]}`))).toEqual(
    new Set(['knative: invalid value']),
  );
  expect(faults).toHaveLength(definitions.length);
});

test('README.md makes every Secret that an overlay refers to, with every key', async () => {
  const readme = await readFile(new URL('./README.md', import.meta.url), 'utf8');
  const commands = readme.split('create secret ').slice(1);
  const objects = (await Promise.all(all.map(({ path }) => program.render(path)))).flat();
  const pattern = /"secretKeyRef":\{(?=[^}]*"name":"([^"]+)")(?=[^}]*"key":"([^"]+)")/g;
  const references = [...JSON.stringify(objects).matchAll(pattern)];
  expect(references.length).toBeGreaterThan(0);
  for (const [, name, key] of references) {
    const command = commands.find((each) => each.startsWith(`generic ${name} `));
    expect(command, `${name} ${key}`).toContain(`--from-literal=${key}=`);
  }
  const certificate = objects.find(({ kind }) => kind === 'Gateway')?.spec;
  expect(JSON.stringify(certificate)).toContain('"certificateRefs":[{"name":"evolution-todo-tls"}]');
  expect(readme).toContain('create secret tls evolution-todo-tls ');
});

describe.each(all)('$name', ({ path, hasTopics, knativeSettings }) => {
  let system: System;
  beforeAll(async () => {
    system = { objects: await program.render(path), definitions, hasTopics };
  });

  test('is rendered by Kustomize, with every function', () => {
    const services = system.objects.filter(({ apiVersion }) => apiVersion.startsWith('serving.knative.dev/'));
    expect(services).toHaveLength(definitions.length);
  });

  test('is what Kubernetes, Knative, Gateway API and Dapr can read, and would let in', async () => {
    expect(await program.check(system.objects, knativeSettings)).toEqual([]);
  });

  test('breaks no rule of the system', () => {
    expect(brokenRules(system)).toEqual({});
  });

  test('has the daprd that the tests run, and the project’s images in its version', async () => {
    const { dapr } = versions(await readFile(new URL('../real/daprd/go.mod', import.meta.url), 'utf8'));
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    for (const { owner, container } of allContainers(system)) {
      expect(container.image, owner).toMatch(container.name === 'daprd' ? `daprd:${dapr}` : `/evolution-todo/`);
      expect(container.image.split(':').at(-1), owner).toBe(container.name === 'daprd' ? dapr : version);
    }
  });

  test('has no name left that its platform.env was to replace', () => {
    const text = JSON.stringify(system.objects);
    expect(text).not.toMatch(/knative-ingress|from-platform-env|"namespace":"broker"/);
    expect(system.objects.map(({ metadata }) => metadata.name)).not.toContain('platform');
  });
});
