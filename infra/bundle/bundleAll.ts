import { createHash } from 'node:crypto';
import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mapConcurrently } from '../../shared/runtime/concurrency.ts';
import { loadFunctions } from '../functions.ts';
import { bundleFunction, bundlePath, bundleProgram, STAMP } from './bundle.ts';
import { programs } from './programs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'dist');

/** Where everything that goes into a bundle stands, packages aside. */
export const SOURCES = [
  'functions',
  'shared',
  'infra/bundle',
  'infra/kubernetes/router',
  'infra/kubernetes/bridge',
  'infra/local',
];

/** All at once would take esbuild 2 GB of memory in place of 0.4. */
const BUNDLES_AT_ONCE = 4;

/**
 * Bundles every function and program into `dist/`, and nothing else stays there. Where nothing that goes into a bundle has
 * changed since the last time, it leaves everything as it is.
 */
export async function bundleAll(): Promise<void> {
  const state = await sourceState();
  if (state === (await readFile(STAMP, 'utf8').catch(() => undefined))) return;
  const functions = (await loadFunctions()).map(({ name }) => name);
  await mapConcurrently(functions, BUNDLES_AT_ONCE, bundleFunction);
  await Promise.all(programs.map(bundleProgram));
  const names = [...functions, ...programs.map(({ name }) => name)];
  const gone = (await readdir(dist)).filter((name) => !names.includes(name));
  await Promise.all(gone.map((name) => rm(join(dist, name), { recursive: true, force: true })));
  await writeFile(STAMP, state);
}

/** Names the state of everything that goes into a bundle: sources, packages, and how they are put together. */
async function sourceState(): Promise<string> {
  const listings = await Promise.all(
    SOURCES.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((path) => join(folder, path)),
    ),
  );
  const files = listings.flat().filter((path) => /\.(ts|json|txt)$/.test(path) && !path.endsWith('.test.ts'));
  const hash = createHash('sha256');
  for (const file of [...files, 'package-lock.json', 'tsconfig.json'].sort()) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Rejects, with what to do, where a function or program has no bundle. */
export async function requireBundles(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await access(bundlePath(name)).catch(() => {
      throw new Error(`the bundle of ${name} is missing: run "npm run build" first`);
    });
  }
}
