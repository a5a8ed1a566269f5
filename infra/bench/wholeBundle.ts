import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { forNode, functionEntry } from '../bundle/bundle.ts';
import { cachedFolder } from '../real/cache/cache.ts';
import { withElapsed } from '../real/cache/elapsed.ts';
import { fetchNpmPackage } from '../real/cache/npmPackage.ts';
import type { MeasuredFunction } from './subjects.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The server that Hono names for Node; the project has one of its own. */
const nodeServer = {
  name: '@hono/node-server',
  version: '2.1.9',
  integrity: 'sha512-Sk4NQd3GFY0WZWCzndwFMPwJhtD0y9qjsQ+pjID0/03nK9pxyBCUoUHCho8QYBLBVhi0ssL8UkNPHqbgSOFPIQ==',
};

/** The folder of the server's package, which npm fetches once on this machine. Rejects where it can't be had. */
export function nodeServerPackage(onProgress: (line: string) => void): Promise<string> {
  const { name, version } = nodeServer;
  return cachedFolder({
    name: `bench/hono-node-server-${version}`,
    onWait: (seconds) => onProgress(`waiting for another process that fetches ${name}: ${seconds} s`),
    fill: (folder) =>
      withElapsed(onProgress, `fetching ${name} ${version} (once)`, () =>
        fetchNpmPackage(nodeServer, { folder, neededBy: 'functions with whole packages need' }),
      ),
  });
}

/**
 * Bundles a function as a plain project does, into one file, and resolves to its size in bytes: with the whole of Dapr's
 * SDK, whose client is made at the start, the whole of Neon's driver, Hono's own server (`nodeServerPackage`) and Node's
 * own `fetch`. Telemetry, which is off, stays outside.
 */
export async function bundleWhole(name: MeasuredFunction, outfile: string, serverFolder: string): Promise<number> {
  const contents = `
    import { daprPublisher } from './shared/events/publisher.ts';
    const { DAPR_HTTP_ENDPOINT: endpoint, DAPR_API_TOKEN: apiToken } = process.env;
    daprPublisher({ endpoint, apiToken, timeoutMs: 2000 });
    ${await functionEntry(name)}`;
  await build({
    ...forNode,
    stdin: { contents, resolveDir: root, sourcefile: `${name}.whole.ts`, loader: 'ts' },
    absWorkingDir: root,
    outfile,
    bundle: true,
    format: 'cjs',
    external: ['./shared/runtime/openTelemetry.ts'],
    // The server asks for Hono, from a folder outside the project.
    nodePaths: [`${root}node_modules`],
    plugins: [serveBy(serverFolder)],
    logLevel: 'error',
  });
  return (await stat(outfile)).size;
}

/** Has `@hono/node-server` serve in place of the project's own server. */
function serveBy(folder: string): Plugin {
  const contents = `
    import { createAdaptorServer } from ${JSON.stringify(folder)};
    export const serverOf = (answer) => createAdaptorServer({ fetch: answer });`;
  return {
    name: 'hono-node-server',
    setup(build) {
      build.onLoad({ filter: /[\\/]shared[\\/]runtime[\\/]nodeServer\.ts$/ }, () => ({
        contents,
        loader: 'js',
        resolveDir: root,
      }));
    },
  };
}
