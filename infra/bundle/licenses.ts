import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';

/** A package whose code is in a program, and what it may be passed on under. */
export interface PackageLicense {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, such as "MIT"; left out where packages name none, as Go's modules. */
  readonly license?: string;
  readonly text: string;
}

/** Texts that are the same for whoever the authors are, for packages that only name their licence. */
const TEXTS = new Map([['apache-2.0', fileURLToPath(new URL('licenses/Apache-2.0.txt', import.meta.url))]]);

/**
 * The licences of every package whose code is in a bundle, its chunks included, by name. `root` is what the metafile's
 * paths are relative to. Rejects where a package names no licence, or its text is nowhere to be found.
 */
export async function packageLicenses({ outputs }: Metafile, root: string): Promise<PackageLicense[]> {
  const licenses = await Promise.all([...packageFolders(outputs)].map((folder) => readLicense(join(root, folder))));
  return licenses.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

/** The list for people: which packages there are, and under it each text once. */
export function licenseList(licenses: readonly PackageLicense[]): string {
  const texts = [...new Set(licenses.map(({ text }) => text))];
  return [
    'Code of these packages is in this program:\n',
    licenses.map((each) => `  ${idOf(each)}${each.license ? `: ${each.license}` : ''}\n`).join(''),
    ...texts.map((text) => {
      const under = licenses.filter((license) => license.text === text).map(idOf);
      return `${'-'.repeat(72)}\n${under.join('\n')}\n\n${text}\n`;
    }),
  ].join('\n');
}

function packageFolders(outputs: Metafile['outputs']): Set<string> {
  const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  return new Set(used.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
}

async function readLicense(folder: string): Promise<PackageLicense> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string') {
    throw new Error(`${name} ${version} goes into a bundle, and its package.json names no licence`);
  }
  const text = (await licenseText(folder)) ?? (await standardText(license));
  if (!text) {
    throw new Error(
      `${name} ${version} goes into a bundle, and there is no text of its licence (${license}) in ${folder} ` +
        'or in infra/bundle/licenses',
    );
  }
  return { name, version, license, text };
}

/** The text of the licence of what is in a folder, its notices included; undefined where there is none. */
export async function licenseText(folder: string): Promise<string | undefined> {
  const files = (await readdir(folder)).sort();
  const texts = files.filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (texts.length > 0) {
    return (await Promise.all(texts.map((file) => readFile(join(folder, file), 'utf8'))))
      .map((t) => t.trim())
      .join('\n\n');
  }
  const readme = files.find((file) => /^readme/i.test(file));
  return readme && textInReadme(await readFile(join(folder, readme), 'utf8'));
}

/** A README's section on the licence, where that has the text and not only its name. */
function textInReadme(readme: string): string | undefined {
  const section = readme
    .split(/^#+ *licen[cs]e *$/im)[1]
    ?.split(/^#/m)[0]
    ?.trim();
  return section?.includes('WITHOUT WARRANTY') ? section : undefined;
}

async function standardText(license: string): Promise<string | undefined> {
  const file = TEXTS.get(license.toLowerCase());
  return file && (await readFile(file, 'utf8')).trim();
}

function idOf({ name, version }: PackageLicense): string {
  return `${name} ${version}`;
}
