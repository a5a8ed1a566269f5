import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** What an archive holds at a path. Folders above it need no entry of their own. */
export type TarEntry =
  | { readonly path: string; readonly kind: 'folder'; readonly mode: number }
  | { readonly path: string; readonly kind: 'text'; readonly mode: number; readonly text: string }
  /** A file of this machine, by its path there; links are followed. */
  | { readonly path: string; readonly kind: 'file'; readonly mode: number; readonly source: string };

const BLOCK_BYTES = 512;
const MAX_NAME_BYTES = 100;
const MAX_PREFIX_BYTES = 155;

/**
 * The pieces of a tar archive (POSIX ustar) that depend on nothing but the entries and the files' content: they stand
 * in the order of their paths, everything belongs to root, and the time of everything is 0. Rejects where a path is
 * there twice, or longer than the format allows.
 */
export async function* tarOf(entries: readonly TarEntry[]): AsyncGenerator<Buffer> {
  for (const entry of inOrder(entries)) yield* piecesOf(entry);
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

function inOrder(entries: readonly TarEntry[]): TarEntry[] {
  const byPath = new Map<string, TarEntry>();
  for (const entry of entries) {
    const path = entry.path.replace(/^\/+|\/+$/g, '');
    if (byPath.has(path)) throw new Error(`${path} is in the archive twice`);
    byPath.set(path, { ...entry, path });
  }
  for (const path of [...byPath.keys()].flatMap(foldersAbove)) {
    if (!byPath.has(path)) byPath.set(path, { path, kind: 'folder', mode: 0o755 });
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

async function* piecesOf(entry: TarEntry): AsyncGenerator<Buffer> {
  if (entry.kind === 'folder') {
    yield header(`${entry.path}/`, entry.mode, 0, '5');
    return;
  }
  const size = entry.kind === 'text' ? Buffer.byteLength(entry.text) : (await stat(entry.source)).size;
  yield header(entry.path, entry.mode, size, '0');
  if (entry.kind === 'text') yield Buffer.from(entry.text);
  else yield* contentOf(entry.source, size);
  yield Buffer.alloc((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES);
}

async function* contentOf(source: string, size: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of createReadStream(source) as AsyncIterable<Buffer>) {
    bytes += piece.length;
    yield piece;
  }
  if (bytes !== size) throw new Error(`${source} changed while it was archived`);
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format" */
function header(path: string, mode: number, size: number, type: '0' | '5'): Buffer {
  const { name, prefix } = splitPath(path);
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, offset: number, digits: number) =>
    block.write(value.toString(8).padStart(digits, '0'), offset);
  block.write(name, 0);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write('ustar\0', 257);
  block.write('00', 263);
  block.write(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= MAX_NAME_BYTES) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at > 0 && at < path.length - 1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    const fits = Buffer.byteLength(name) <= MAX_NAME_BYTES && Buffer.byteLength(prefix) <= MAX_PREFIX_BYTES;
    if (fits) return { name, prefix };
  }
  throw new Error(`${path} is too long for a tar archive`);
}
