import type { TarEntry } from './tar.ts';

/** What any program finds in its image: a folder that can be mounted over, and the user that owns nothing, by name. */
export const SURROUNDINGS: readonly TarEntry[] = [
  { path: '/tmp', kind: 'folder', mode: 0o1777 },
  { path: '/etc/passwd', kind: 'text', mode: 0o644, text: 'nonroot:x:65532:65532::/:/sbin/nologin\n' },
  { path: '/etc/group', kind: 'text', mode: 0o644, text: 'nonroot:x:65532:\n' },
];
