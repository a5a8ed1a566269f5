import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../process/command.ts';

/** A package of npm's that is not one of the project's own, at the content that was pinned. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** The package's own, as npm's lock files have it. */
  readonly integrity: string;
  /** What of it is wanted, as paths in it; left out, all of it. */
  readonly files?: readonly string[];
}

/**
 * Fetches a package by npm and lays its files out in a folder; nothing of it is run. Rejects, with who needs it, where it
 * can't be had, or is not what was pinned.
 */
export async function fetchNpmPackage(
  { name, version, integrity, files = [] }: NpmPackage,
  { folder, neededBy }: { folder: string; neededBy: string },
): Promise<void> {
  const id = `${name}@${version}`;
  const pack = ['pack', id, '--ignore-scripts', '--silent'];
  const printed = await runCommand('npm', pack, { cwd: folder, install: 'install npm' }).catch((cause) => {
    throw new Error(`${neededBy} ${id}, which npm could not fetch: ${cause.message}`, { cause });
  });
  const archive = join(folder, printed.trim());
  assertIntegrity(await readFile(archive), integrity, id);
  const wanted = files.map((file) => `package/${file}`);
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
