import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type OutputFile, transform } from 'esbuild';
import { type FunctionDefinition, isDeadLetter, isEvent, isHttp, isJob } from '../../shared/runtime/defineFunction.ts';
import { loadFunction } from '../functions.ts';
import { daprHttpClientOnly } from './daprHttpClientOnly.ts';
import { licenseList, packageLicenses } from './licenses.ts';
import { neonHttpOnly } from './neonHttpOnly.ts';
import type { Program } from './programs.ts';
import { unusedConstants } from './unusedConstants.ts';

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

/** What a bundle is written for. */
export const forNode = { platform: 'node', target: 'node20', minify: true, legalComments: 'none' } as const;

/**
 * Bundles one function by itself into `dist/<name>/`: its definition, the runtime, and nothing that it does not import.
 * What it imports dynamically becomes a chunk of its own, read when it is needed. Beside them stand the licences of the
 * packages in it; rejects where one of those has none, or esbuild finds an error. A function that runs from there
 * meanwhile goes on: what has not changed is not written, the rest is replaced file by file.
 */
export async function bundleFunction(name: string): Promise<Metafile> {
  const { metafile, files } = await bundleEntry(name, await functionEntry(name));
  await write(name, 'commonjs', files, metafile);
  return metafile;
}

/** The module that starts a function. */
export async function functionEntry(name: string): Promise<string> {
  const { file, serve } = adapterFor(await loadFunction(name));
  return `
    import definition from './functions/${name}/${name}.ts';
    import { ${serve} } from './shared/runtime/${file}';
    import { serve } from './shared/runtime/serve.ts';
    serve(definition, (invocation) => ${serve}(definition, invocation));`;
}

/** Bundles a module, whose imports are relative to the project's folder, as that of a function is; writes nothing. */
export async function bundleEntry(name: string, entry: string): Promise<{ metafile: Metafile; files: BundleFile[] }> {
  const { metafile, outputFiles } = await bundle(name, entry, {
    sourcemap: 'inline',
    inject: ['infra/bundle/web/globals.ts'],
    plugins: [daprHttpClientOnly, neonHttpOnly, unusedConstants],
  });
  const files = (await Promise.all(outputFiles.map(toCommonJs))).flat();
  for (const { name: file, contents } of files) {
    const output = metafile.outputs[`dist/${name}/${file}`];
    if (output) output.bytes = contents.length;
  }
  return { metafile, files };
}

/** Bundles a program in the same way, so that it needs nothing but Node. It runs for long: nobody waits for its start. */
export async function bundleProgram({ name, module }: Program): Promise<Metafile> {
  const { metafile, outputFiles } = await bundle(name, `import './${module}';`, {
    sourcemap: 'linked',
    // Bundled CommonJS (pg's) calls require for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const files = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
  await write(name, 'module', files, metafile);
  return metafile;
}

function bundle(
  name: string,
  entry: string,
  options: Pick<BuildOptions, 'sourcemap' | 'inject' | 'plugins' | 'banner'>,
) {
  return build({
    ...forNode,
    write: false,
    stdin: { contents: entry, resolveDir: root, sourcefile: `${name}.entry.ts`, loader: 'ts' },
    absWorkingDir: root,
    entryNames: 'index',
    outdir: `dist/${name}`,
    bundle: true,
    splitting: true,
    format: 'esm',
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
    ...options,
  });
}

/** The one adapter that a function needs (see `adapterOf`). */
export function adapterFor(definition: FunctionDefinition): { file: string; serve: string } {
  if (isHttp(definition)) return { file: 'http.ts', serve: 'serveHttp' };
  if (isEvent(definition)) return { file: 'event.ts', serve: 'serveEvent' };
  if (isDeadLetter(definition)) return { file: 'deadLetter.ts', serve: 'serveDeadLetter' };
  if (isJob(definition)) return { file: 'job.ts', serve: 'serveJob' };
  return { file: 'cron.ts', serve: 'serveCron' };
}

/** A file of a bundle. */
export interface BundleFile {
  name: string;
  contents: Uint8Array;
}

/** Chunks that were made CommonJS already, by their names and contents: many functions have the same ones. */
const made = new Map<string, Promise<BundleFile[]>>();

function toCommonJs({ path, text }: OutputFile): Promise<BundleFile[]> {
  const name = basename(path);
  const key = createHash('sha256').update(`${name}\0${text}`).digest('base64');
  const files = made.get(key) ?? makeCommonJs(name, text);
  made.set(key, files);
  return files;
}

/**
 * Makes CommonJS of a chunk, and a source map beside it. Only of ES modules does esbuild split chunks off, and those
 * cost a start 20 ms more (and 10 MB of memory) to load.
 */
async function makeCommonJs(name: string, text: string): Promise<BundleFile[]> {
  const { code, map } = await transform(text, {
    ...forNode,
    format: 'cjs',
    // Node would load what is imported dynamically as an ES module again.
    supported: { 'dynamic-import': false },
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: name,
  });
  return [
    { name, contents: Buffer.from(`${code}//# sourceMappingURL=${name}.map\n`) },
    { name: `${name}.map`, contents: Buffer.from(map) },
  ];
}

async function write(
  name: string,
  type: 'commonjs' | 'module',
  files: readonly BundleFile[],
  metafile: Metafile,
): Promise<void> {
  const licenses = licenseList(await packageLicenses(metafile, root));
  await rm(STAMP, { force: true });
  await replaceFiles(dirname(bundlePath(name)), [
    ...files,
    { name: 'package.json', contents: Buffer.from(`{"type":"${type}"}\n`) },
    { name: LICENSES, contents: Buffer.from(licenses) },
  ]);
}

/** The files that a bundle consists of, all in one folder. */
export async function bundleFiles(name: string): Promise<string[]> {
  const folder = dirname(bundlePath(name));
  const files = (await readdir(folder)).filter((file) => CODE.test(file));
  return [...files, 'package.json', LICENSES].map((file) => join(folder, file));
}

async function replaceFiles(folder: string, files: readonly BundleFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, contents } of files) {
    const path = join(folder, name);
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
  const wanted = new Set(files.map(({ name }) => name));
  for (const name of await readdir(folder)) {
    if (CODE.test(name) && !wanted.has(name)) await rm(join(folder, name), { force: true });
  }
}
