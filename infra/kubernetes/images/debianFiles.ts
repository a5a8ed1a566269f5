import { realpath } from 'node:fs/promises';
import { runCommand } from '../../real/process/command.ts';
import type { TarEntry } from './tar.ts';

const install = 'images take the C library from a Debian system, or one derived from it';

/**
 * What an image has to say of the Debian packages that some of its files come from: their copyright, and their versions
 * where scanners of images look for them (as in the distroless images). Rejects where a file is of no Debian package.
 */
export async function debianRecords(files: readonly string[]): Promise<TarEntry[]> {
  const names = new Set(await Promise.all(files.map(packageOf)));
  const records = await Promise.all([...names].map(recordsOf));
  return records.flat();
}

async function packageOf(file: string): Promise<string> {
  // Since /lib became a link, dpkg knows one of a file's two paths, and not always the same.
  for (const path of [file, await realpath(file)]) {
    const found = await runCommand('dpkg-query', ['--search', path], { install }).catch((error: Error) => {
      if (error.message.includes('no path found')) return undefined;
      throw error;
    });
    const name = found && /^([a-z0-9+.-]+)(?::[a-z0-9-]+)?: /.exec(found)?.[1];
    if (name) return name;
  }
  throw new Error(`${file} is of no Debian package: ${install}`);
}

async function recordsOf(name: string): Promise<TarEntry[]> {
  const status = await runCommand('dpkg-query', ['--status', name], { install });
  const copyright = `/usr/share/doc/${name}/copyright`;
  return [
    { path: `/var/lib/dpkg/status.d/${name}`, kind: 'text', mode: 0o644, text: status },
    { path: copyright, kind: 'file', mode: 0o644, source: copyright },
  ];
}
