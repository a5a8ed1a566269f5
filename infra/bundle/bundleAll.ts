import { createHash } from 'node:crypto';
import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadFunctions } from '../functions.ts';
import { bundleFunction, bundlePath, STAMP } from './bundle.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'dist');

/**
 * Bundles every function into `dist/`, and nothing else stays there. Returns their names. Where nothing that goes into a
 * bundle has changed since the last time, it leaves everything as it is.
 */
export async function bundleAll(): Promise<string[]> {
  const state = await sourceState();
  if (state === (await readFile(STAMP, 'utf8').catch(() => undefined))) return bundled();
  const names = (await loadFunctions()).map(({ name }) => name);
  await Promise.all(names.map(bundleFunction));
  const gone = (await readdir(dist)).filter((name) => !names.includes(name));
  await Promise.all(gone.map((name) => rm(join(dist, name), { recursive: true, force: true })));
  await writeFile(STAMP, state);
  return names;
}

async function bundled(): Promise<string[]> {
  const entries = await readdir(dist, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Names the state of everything that goes into a bundle: sources, packages, and how they are put together. */
async function sourceState(): Promise<string> {
  const folders = ['functions', 'shared', 'infra/bundle'];
  const listings = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((path) => join(folder, path)),
    ),
  );
  const files = listings.flat().filter((path) => /\.(ts|json)$/.test(path) && !path.endsWith('.test.ts'));
  const hash = createHash('sha256');
  for (const file of [...files, 'package-lock.json', 'tsconfig.json'].sort()) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Rejects, with what to do, where a function has no bundle. */
export async function requireBundles(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await access(bundlePath(name)).catch(() => {
      throw new Error(`the bundle of ${name} is missing: run "npm run build" first`);
    });
  }
}
