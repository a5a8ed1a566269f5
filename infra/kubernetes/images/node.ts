import { libraryEntries } from './libraries.ts';
import type { TarEntry } from './tar.ts';

/** Where images have Node. */
export const NODE = '/usr/local/bin/node';

/** What an image needs to run Node, taken from this machine: the program that runs this, and its shared libraries. */
export async function nodeEntries(): Promise<TarEntry[]> {
  return [
    { path: NODE, kind: 'file', mode: 0o755, source: process.execPath },
    ...(await libraryEntries(process.execPath)),
    { path: '/tmp', kind: 'folder', mode: 0o1777 },
    { path: '/etc/passwd', kind: 'text', mode: 0o644, text: 'nonroot:x:65532:65532::/:/sbin/nologin\n' },
    { path: '/etc/group', kind: 'text', mode: 0o644, text: 'nonroot:x:65532:\n' },
  ];
}
