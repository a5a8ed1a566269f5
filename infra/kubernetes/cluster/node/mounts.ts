import { readFile } from 'node:fs/promises';
import { runCommand } from '../../../real/process/command.ts';

/** What is mounted in a folder and below, innermost first. */
export async function mountsBelow(folder: string): Promise<string[]> {
  return readMounts(await readFile('/proc/mounts', 'utf8'), folder);
}

/** Picks the mounts below a folder out of /proc/mounts, where some characters are written as octal numbers. */
export function readMounts(mounts: string, folder: string): string[] {
  const paths = mounts.split('\n').map((line) => line.split(' ')[1] ?? '');
  return paths
    .map((path) => path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}

/** Unmounts all of it, also what is still in use. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const path of await mountsBelow(folder)) {
    await runCommand('umount', ['--lazy', path], { install: 'install util-linux' });
  }
}
