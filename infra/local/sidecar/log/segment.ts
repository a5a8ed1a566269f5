import { type FileHandle, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecordPosition, scanFrames } from './frame.ts';

/** One file of the journal. */
export interface Segment {
  path: string;
  sequence: number;
  file: FileHandle;
  /** Bytes that are intact and on disk. */
  size: number;
}

/** A damaged log: the message names the file and the place, and says what can be done. */
export class DamagedLogError extends Error {
  override name = 'DamagedLogError';
}

const FILE_NAME = /^(\d{10})\.log$/;

/** Opens the segments of a folder, oldest first, with the places of their records. */
export async function openSegments(
  dir: string,
): Promise<{ segment: Segment; bytes: Buffer; records: RecordPosition[] }[]> {
  const sequences = (await readdir(dir))
    .map((name) => FILE_NAME.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
  const opened = [];
  for (const sequence of sequences) {
    opened.push(await openSegment(dir, sequence, sequence === sequences.at(-1)));
  }
  return opened;
}

/** Makes an empty segment; its name is on disk when this resolves. */
export async function createSegment(dir: string, sequence: number): Promise<Segment> {
  const path = segmentPath(dir, sequence);
  const file = await open(path, 'wx+');
  await syncDirectory(dir);
  return { path, sequence, file, size: 0 };
}

/** Makes created and removed file names survive a power failure. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openSegment(dir: string, sequence: number, isLast: boolean) {
  const path = segmentPath(dir, sequence);
  const bytes = await readFile(path);
  const { records, intactBytes, damaged } = scanFrames(bytes);
  // Only the last file can end in a write that a crash interrupted; such a write was never acknowledged.
  if (intactBytes < bytes.length && (damaged || !isLast)) {
    throw new DamagedLogError(
      `${path} is damaged at byte ${intactBytes}, with accepted events behind it. ` +
        'Restore the file from a backup, or move it out of the folder and lose the events in it.',
    );
  }
  const file = await open(path, 'r+');
  if (intactBytes < bytes.length) {
    await file.truncate(intactBytes);
    await file.datasync();
  }
  return { segment: { path, sequence, file, size: intactBytes }, bytes, records };
}

function segmentPath(dir: string, sequence: number): string {
  return join(dir, `${String(sequence).padStart(10, '0')}.log`);
}
