import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type OutputFile } from 'esbuild';
import { daprHttpClientOnly } from './daprHttpClientOnly.ts';
import { licenseList, packageLicenses } from './licenses.ts';
import type { Program } from './programs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Names the state of the sources from which all bundles were made last; not there where one was made by itself since. */
export const STAMP = `${root}dist/.sources`;

/** Beside the code, which packages it has in it and under which licences. */
const LICENSES = 'licenses.txt';
const CODE = /\.js(\.map)?$/;

/** Where the bundle of a function or program is written, and the module that starts it: `dist/<name>/index.js`. */
export function bundlePath(name: string): string {
  return `${root}dist/${name}/index.js`;
}

/**
 * Bundles one function by itself into `dist/<name>/`: its definition, the runtime, and nothing that it does not import.
 * What it imports dynamically becomes a chunk of its own, read when it is needed. Beside them stand the licences of the
 * packages in it; rejects where one of those has none, or esbuild finds an error. A function that runs from there
 * meanwhile goes on: what has not changed is not written, the rest is replaced file by file.
 */
export function bundleFunction(name: string): Promise<Metafile> {
  return bundle(
    name,
    `import definition from './functions/${name}/${name}.ts';
    import { serve } from './shared/runtime/serve.ts';
    serve(definition);`,
  );
}

/** Bundles a program in the same way, so that it needs nothing but Node. */
export function bundleProgram({ name, module }: Program): Promise<Metafile> {
  return bundle(name, `import './${module}';`);
}

async function bundle(name: string, entry: string): Promise<Metafile> {
  const { metafile, outputFiles } = await build({
    write: false,
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
    // Bundled CommonJS (the Dapr SDK's, pg's) calls require for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [daprHttpClientOnly],
  });
  const licenses = licenseList(await packageLicenses(metafile, root));
  await rm(STAMP, { force: true });
  const folder = dirname(bundlePath(name));
  await replaceFiles(folder, [
    ...outputFiles,
    { path: join(folder, 'package.json'), contents: Buffer.from('{"type":"module"}\n') },
    { path: join(folder, LICENSES), contents: Buffer.from(licenses) },
  ]);
  return metafile;
}

/** The files that a bundle consists of, all in one folder. */
export async function bundleFiles(name: string): Promise<string[]> {
  const folder = dirname(bundlePath(name));
  const files = (await readdir(folder)).filter((file) => CODE.test(file));
  return [...files, 'package.json', LICENSES].map((file) => join(folder, file));
}

async function replaceFiles(folder: string, files: readonly Pick<OutputFile, 'path' | 'contents'>[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, contents } of files) {
    if (
      await readFile(path).then(
        (current) => current.equals(contents),
        () => false,
      )
    )
      continue;
    const draft = `${path}.${randomBytes(4).toString('hex')}`;
    await writeFile(draft, contents);
    await rename(draft, path);
  }
  const wanted = new Set(files.map(({ path }) => basename(path)));
  for (const name of await readdir(folder)) {
    if (CODE.test(name) && !wanted.has(name)) await rm(join(folder, name), { force: true });
  }
}
