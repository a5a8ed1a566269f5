import { type Next, parseTimetable } from './timetable.ts';

/** What happens after a failure: nothing more, or another try after so many milliseconds, at most so often. */
export type FailurePolicy = { kind: 'drop' } | { kind: 'constant'; intervalMs?: number; maxRetries?: number };

/** A job as it was set; times are in milliseconds since 1970. */
export interface JobTerms {
  name: string;
  /** As they came, to be told again. */
  given: { schedule?: string; repeats?: number; dueTime?: string; ttl?: string };
  /** When it was set. */
  start: number;
  /** The first time; undefined: the first one after `start` that the schedule has. */
  due?: number;
  /** Nothing comes after it. */
  expiration?: number;
  failurePolicy: FailurePolicy;
}

/** How far a job has come. */
export interface JobProgress {
  /** Times that are over, whatever came of them. */
  count: number;
  /** The last of them. */
  last?: number;
  /** Failures at the time that is next. */
  attempts: number;
}

/** A job that was just set. */
export const NOT_BEGUN: JobProgress = { count: 0, attempts: 0 };

/** A job, and how far it has come. */
export interface Job {
  terms: JobTerms;
  progress: JobProgress;
}

/** When a job comes next, by its terms; undefined: never again. */
export function nextTime({ terms, progress }: Job): number | undefined {
  const next = scheduledTime(terms, progress);
  return next !== undefined && terms.expiration !== undefined && next > terms.expiration ? undefined : next;
}

function scheduledTime({ given, start, due }: JobTerms, { count, last }: JobProgress): number | undefined {
  if (given.repeats !== undefined && count >= given.repeats) return undefined;
  if (given.schedule === undefined) return count > 0 ? undefined : due;
  if (last === undefined && due !== undefined) return due;
  return timetable(given.schedule)(last ?? start);
}

const timetables = new Map<string, Next>();

/** Reading a schedule costs more than asking it, and many jobs have the same one. */
function timetable(schedule: string): Next {
  const known = timetables.get(schedule) ?? parseTimetable(schedule);
  if (timetables.size < 1_000) timetables.set(schedule, known);
  return known;
}

/** How far a job has come once this time of it was taken. */
export function afterSuccess(job: Job): JobProgress {
  const last = scheduledTime(job.terms, job.progress);
  return { count: job.progress.count + 1, attempts: 0, ...(last !== undefined && { last }) };
}

/**
 * What follows a failure: another try at `retryAt`, counted from when the failed one was due, or the end of this time of
 * the job.
 */
export function afterFailure(job: Job, plannedAt: number): { progress: JobProgress; retryAt?: number } {
  const attempts = job.progress.attempts + 1;
  const { failurePolicy: policy } = job.terms;
  const triesAgain = policy.kind === 'constant' && attempts <= (policy.maxRetries ?? Infinity);
  if (!triesAgain) return { progress: afterSuccess(job) };
  return { progress: { ...job.progress, attempts }, retryAt: plannedAt + (policy.intervalMs ?? 0) };
}
