import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type TarEntry, tarOf } from './tar.ts';

/** Packs an image layout into one file, as `ctr images import`, Podman and skopeo (`oci-archive:`) take it. */
export async function archiveLayout(folder: string, output: string): Promise<void> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const entries = found
    .filter((entry) => entry.isFile())
    .map((entry): TarEntry => {
      const source = join(entry.parentPath, entry.name);
      return { path: relative(folder, source), kind: 'file', mode: 0o644, source };
    });
  await pipeline(() => tarOf(entries), createWriteStream(output));
}
