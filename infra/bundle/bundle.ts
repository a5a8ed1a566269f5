import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { daprHttpClientOnly } from './daprHttpClientOnly.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where a function's bundle is written, and the module that starts it: `dist/<name>/index.js`. */
export function bundlePath(functionName: string): string {
  return `${root}dist/${functionName}/index.js`;
}

/**
 * Bundles one function by itself into `dist/<name>/`: its definition, the runtime, and nothing that it does not import.
 * What it imports dynamically becomes a chunk of its own, read when it is needed.
 */
export async function bundleFunction(name: string): Promise<Metafile> {
  const entry = `
    import definition from './functions/${name}/${name}.ts';
    import { serve } from './shared/runtime/serve.ts';
    serve(definition);`;
  const { metafile } = await build({
    stdin: { contents: entry, resolveDir: root, sourcefile: `${name}.entry.ts`, loader: 'ts' },
    absWorkingDir: root,
    entryNames: 'index',
    outdir: `dist/${name}`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    // Bundled CommonJS (the Dapr SDK's) calls require for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [daprHttpClientOnly],
  });
  return metafile;
}
