import { type Journal, type Location, openJournal, SEGMENT_BYTES } from '../log/journal.ts';
import type { Job } from './job.ts';

/** A job as it stands on disk. */
interface Kept {
  job: Job;
  sequence: number;
  location: Location;
}

/** The jobs, on disk. What is written takes effect in the order in which it was asked for. */
export interface JobStore {
  all(): Iterable<Job>;
  /** What a job is to send, as JSON; undefined: it was set without. */
  data(name: string): string | undefined;
  /** Resolves once the job is on disk, in the place of one of this name. */
  put(job: Job, data: string | undefined): Promise<void>;
  /** Resolves once the job is gone from the disk; `mayWaitMs` lets that go with the next change, if one comes by then. */
  remove(name: string, mayWaitMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** What is written: a job, that there is none any more, or, at the beginning of a file, which of the records before it count. */
type JobRecord =
  | { sequence: number; name: string; job: Job; data?: string }
  | { sequence: number; name: string; job: null }
  | { upTo: number; valid: number[] };

export interface JobStoreOptions {
  /** Called when old files could not be cleaned; it is tried again. */
  onCleaningFailed: (error: unknown) => void;
  /** At which size a file is followed by the next. */
  segmentBytes?: number | undefined;
}

/** Opens the jobs of a folder, which is made when missing. @throws DamagedLogError when jobs can't be read */
export async function openJobStore(
  dir: string,
  { onCleaningFailed, segmentBytes = SEGMENT_BYTES }: JobStoreOptions,
): Promise<JobStore> {
  const kept = new Map<string, Kept>();
  const pending = new Set<number>();
  let lastSequence = 0;
  let upTo = 0;
  let valid = new Set<number>();
  /** Number of the last record of each name, while the files are read. */
  const newest = new Map<string, number>();
  const counts = (sequence: number) => sequence > upTo || valid.has(sequence);

  function recover(bytes: Buffer, location: Location): void {
    const record = JSON.parse(bytes.toString('utf8')) as JobRecord;
    if ('upTo' in record) {
      ({ upTo } = record);
      valid = new Set(record.valid);
      lastSequence = Math.max(lastSequence, upTo);
      for (const [name, { sequence }] of kept) if (!counts(sequence)) kept.delete(name);
      return;
    }
    const { sequence, name, job } = record;
    lastSequence = Math.max(lastSequence, sequence);
    // A record that was moved out of an old file stands behind those that came after it.
    if (!counts(sequence) || sequence < (newest.get(name) ?? 0)) return;
    newest.set(name, sequence);
    if (job) kept.set(name, { job, sequence, location });
    else kept.delete(name);
  }

  const journal: Journal = await openJournal(
    dir,
    {
      recovered: recover,
      snapshot: () => {
        const live = [...kept.values()].map(({ sequence }) => sequence);
        return encode({ upTo: lastSequence, valid: [...live, ...pending] });
      },
      live: () => [...kept.values()].map(({ location }) => location),
      cleaningFailed: onCleaningFailed,
    },
    segmentBytes,
  );
  newest.clear();

  /** Writes a record with the next number; what waits to be written counts for a snapshot that comes before it. */
  async function write(
    record: (sequence: number) => JobRecord,
    mayWaitMs: number,
  ): Promise<{ sequence: number; location: Location }> {
    lastSequence += 1;
    const sequence = lastSequence;
    pending.add(sequence);
    try {
      return { sequence, location: await journal.append(encode(record(sequence)), mayWaitMs) };
    } finally {
      pending.delete(sequence);
    }
  }

  return {
    all: () => [...kept.values()].map(({ job }) => job),
    data(name) {
      const found = kept.get(name);
      return found && (JSON.parse(journal.read(found.location).toString('utf8')) as { data?: string }).data;
    },
    async put(job, data) {
      const { name } = job.terms;
      const written = await write((sequence) => ({ sequence, name, job, ...(data !== undefined && { data }) }), 0);
      kept.set(name, { job, ...written });
    },
    async remove(name, mayWaitMs = 0) {
      if (!kept.has(name)) return;
      await write((sequence) => ({ sequence, name, job: null }), mayWaitMs);
      kept.delete(name);
    },
    close: journal.close,
  };
}

function encode(record: JobRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}
