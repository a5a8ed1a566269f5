import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadFunctions } from '../functions.ts';
import { bundleFunction, bundlePath } from './bundle.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Bundles every function into `dist/`, and nothing else stays there. Returns their names. */
export async function bundleAll(): Promise<string[]> {
  const names = (await loadFunctions()).map(({ name }) => name);
  await Promise.all(names.map(bundleFunction));
  const gone = (await readdir(dist)).filter((name) => !names.includes(name));
  await Promise.all(gone.map((name) => rm(join(dist, name), { recursive: true, force: true })));
  return names;
}

/** Rejects, with what to do, where a function has no bundle. */
export async function requireBundles(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await access(bundlePath(name)).catch(() => {
      throw new Error(`the bundle of ${name} is missing: run "npm run build" first`);
    });
  }
}
