import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { forNode, functionEntry } from '../bundle/bundle.ts';
import type { MeasuredFunction } from './subjects.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Has `@hono/node-server` serve in place of the project's own server. */
const honoNodeServer: Plugin = {
  name: 'hono-node-server',
  setup(build) {
    const contents = `
      import { createAdaptorServer } from '@hono/node-server';
      export const serverOf = (answer) => createAdaptorServer({ fetch: answer });`;
    build.onLoad({ filter: /[\\/]shared[\\/]runtime[\\/]nodeServer\.ts$/ }, () => ({
      contents,
      loader: 'js',
      resolveDir: root,
    }));
  },
};

/**
 * Bundles a function as a plain project does, into one file, and resolves to its size in bytes: with the whole of Dapr's
 * SDK, whose client is made at the start, the whole of Neon's driver, the server that Hono has for Node, and Node's
 * own `fetch`. Telemetry, which is off, stays outside.
 */
export async function bundleWhole(name: MeasuredFunction, outfile: string): Promise<number> {
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
    plugins: [honoNodeServer],
    logLevel: 'error',
  });
  return (await stat(outfile)).size;
}
