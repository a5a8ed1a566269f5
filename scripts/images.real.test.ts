import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/images.ts', ...args]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

it('writes a layout, an archive, and a component with the digests that it prints', async () => {
  const paths = {
    output: join(folder, 'layout'),
    archive: join(folder, 'all.tar'),
    pin: join(folder, 'pin/kustomization.yaml'),
  };
  const options = Object.entries(paths).flatMap(([name, path]) => [`--${name}`, path]);
  const { code, output } = await run(...options, '--repository', 'registry.example/todo', '--tag', '2.0.0', 'router');
  expect(code, output).toBe(0);
  const [, digest = ''] = /^registry\.example\/todo\/router:2\.0\.0 .* (sha256:[0-9a-f]{64})$/m.exec(output) ?? [];
  const { manifests } = JSON.parse(await readFile(join(paths.output, 'index.json'), 'utf8'));
  expect(manifests.map((manifest: { digest: string }) => manifest.digest)).toEqual([digest]);
  expect(await readFile(paths.pin, 'utf8')).toContain(`- name: evolution-todo/router\n    digest: ${digest}\n`);
  expect((await readdir(folder)).sort()).toEqual(['all.tar', 'layout', 'pin']);
});

it('refuses an image that there is not, and a folder with something else in it', async () => {
  expect(await run('--output', folder, 'nothing')).toEqual({
    code: 1,
    output: expect.stringMatching(/^There is no image nothing\. There are: .*create-task.*router/),
  });
  const refused = await run('--output', 'scripts', 'router');
  expect(refused).toEqual({ code: 1, output: expect.stringContaining('holds something else than images') });
  expect(await readdir('scripts')).toContain('images.ts');
});
