import { readSync } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import { encodeFrame } from './frame.ts';
import { createSegment, openSegments, type Segment, syncDirectory } from './segment.ts';

/** Where a record lies. */
export interface Location {
  segment: Segment;
  position: number;
  length: number;
}

/** What the journal needs to know from whoever gives the records their meaning. */
export interface JournalOwner {
  /** Called for each record found on opening, oldest first. */
  recovered(record: Buffer, location: Location): void;
  /** The first record of a new segment: everything that older segments say and that is still needed. */
  snapshot(): Buffer;
  /** The locations of all records that must be kept. */
  live(): Iterable<Location>;
  /** Called when a full segment could not be followed by a new one or cleaned; it is tried again. */
  cleaningFailed(error: unknown): void;
}

/** An append-only record store in files that are removed when nothing in them is needed any more. */
export interface Journal {
  /**
   * Resolves when the record is on disk; rejects when it could not be written, and then it is not in the journal.
   * A record that may wait goes with the next one that may not, or after so many milliseconds.
   */
  append(record: Buffer, mayWaitMs: number): Promise<Location>;
  read(location: Location): Buffer;
  /** Writes what still waits, then releases the files. */
  close(): Promise<void>;
}

/** A segment is closed at this size: small enough to be removed soon, large enough that it happens seldom. */
export const SEGMENT_BYTES = 16 * 1024 * 1024;

/** A closed segment whose needed part is at most this share is rewritten: so the disk holds at most four times what is needed. */
const REWRITE_SHARE = 0.25;

/** One write takes at most this many bytes, so that a burst does not need twice its size in memory. */
const FRAME_BYTES = 8 * 1024 * 1024;

interface Waiting {
  record: Buffer;
  resolve(location: Location): void;
  reject(error: unknown): void;
}

/**
 * Opens the journal in a folder, which is made when missing and must belong to this journal alone.
 * @throws DamagedLogError when accepted records can't be read
 */
export async function openJournal(dir: string, owner: JournalOwner, segmentBytes: number): Promise<Journal> {
  await mkdir(dir, { recursive: true });
  const segments: Segment[] = [];
  for (const { segment, bytes, records } of await openSegments(dir)) {
    segments.push(segment);
    for (const { position, length } of records) {
      owner.recovered(bytes.subarray(position, position + length), { segment, position, length });
    }
  }
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;
  let later: NodeJS.Timeout | undefined;
  let broken: Error | undefined;
  let current = segments.at(-1) ?? (await addSegment());
  if (current.size === 0) await write(current, [owner.snapshot()]);

  async function addSegment(): Promise<Segment> {
    const segment = await createSegment(dir, (segments.at(-1)?.sequence ?? 0) + 1);
    segments.push(segment);
    return segment;
  }

  async function removeSegment(segment: Segment): Promise<void> {
    segments.splice(segments.indexOf(segment), 1);
    await unlink(segment.path);
    await segment.file.close();
  }

  async function write(segment: Segment, records: readonly Buffer[]): Promise<Location[]> {
    if (broken) throw broken;
    const refuseFurtherWrites = (cause: unknown): never => {
      broken = new Error(`${segment.path} can no longer be written; free the disk and start again`, { cause });
      throw broken;
    };
    const { bytes, positions } = encodeFrame(records);
    try {
      await writeWhole(segment, bytes);
    } catch (error) {
      await segment.file.truncate(segment.size).catch(refuseFurtherWrites);
      throw error;
    }
    // After a failed sync nobody knows what is on disk, and a second sync would not tell.
    await segment.file.datasync().catch(refuseFurtherWrites);
    const start = segment.size;
    segment.size += bytes.length;
    return positions.map(({ position, length }) => ({ segment, position: start + position, length }));
  }

  function takeWaiting(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < waiting.length && bytes < FRAME_BYTES) bytes += waiting[count++]?.record.length ?? 0;
    return waiting.splice(0, count);
  }

  function startFlushing(): void {
    clearTimeout(later);
    later = undefined;
    flushing ??= new Promise(setImmediate).then(flush);
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const taken = takeWaiting();
      try {
        const records = taken.map(({ record }) => record);
        for (const [index, location] of (await write(current, records)).entries()) taken[index]?.resolve(location);
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
      // Gives whoever waited for this write the time to take note of it, and new records the time to arrive.
      await new Promise(setImmediate);
      if (current.size >= segmentBytes) await roll().catch(owner.cleaningFailed);
    }
    flushing = undefined;
  }

  async function roll(): Promise<void> {
    const next = await addSegment();
    try {
      await write(next, [owner.snapshot()]);
    } catch (error) {
      await removeSegment(next);
      throw error;
    }
    current = next;
    const live = groupBySegment(owner.live());
    for (const segment of segments.filter((candidate) => candidate !== current)) {
      await cleanSegment(segment, live.get(segment) ?? []);
    }
    await syncDirectory(dir);
  }

  async function cleanSegment(segment: Segment, live: readonly Location[]): Promise<void> {
    const liveBytes = live.reduce((sum, { length }) => sum + length, 0);
    if (liveBytes > segment.size * REWRITE_SHARE) return;
    if (live.length > 0) {
      const moved = await write(current, live.map(read));
      for (const [index, location] of live.entries()) Object.assign(location, moved[index]);
    }
    await removeSegment(segment);
  }

  function read({ segment, position, length }: Location): Buffer {
    const record = Buffer.allocUnsafe(length);
    // Synchronous on purpose: a few microseconds from the page cache, and the segment can't be removed meanwhile.
    for (let done = 0; done < length; ) {
      const count = readSync(segment.file.fd, record, done, length - done, position + done);
      if (count === 0)
        throw new Error(`${segment.path} ends before byte ${position + length}; it was cut while in use`);
      done += count;
    }
    return record;
  }

  return {
    append(record, mayWaitMs) {
      return new Promise((resolve, reject) => {
        waiting.push({ record, resolve, reject });
        if (mayWaitMs === 0) startFlushing();
        else later ??= setTimeout(startFlushing, mayWaitMs);
      });
    },
    read,
    async close() {
      startFlushing();
      while (flushing) await flushing;
      broken = new Error('the log is closed');
      waiting = [];
      await Promise.all(segments.map(({ file }) => file.close()));
    },
  };
}

function groupBySegment(locations: Iterable<Location>): Map<Segment, Location[]> {
  const bySegment = new Map<Segment, Location[]>();
  for (const location of locations) {
    const known = bySegment.get(location.segment);
    if (known) known.push(location);
    else bySegment.set(location.segment, [location]);
  }
  return bySegment;
}

async function writeWhole(segment: Segment, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await segment.file.write(bytes, done, bytes.length - done, segment.size + done);
    done += bytesWritten;
  }
}
