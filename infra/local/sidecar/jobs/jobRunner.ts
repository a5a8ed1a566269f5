import type { OnActivity } from '../activity.ts';
import { jobExists } from '../api/apiError.ts';
import type { AppChannel } from '../appChannel.ts';
import { afterFailure, afterSuccess, type Job, NOT_BEGUN, nextTime } from './job.ts';
import type { JobRequest } from './jobRequest.ts';
import type { JobStore } from './jobStore.ts';

/** What jobs need to come to the app. */
export interface JobRunnerOptions {
  store: JobStore;
  appChannel: AppChannel;
  stopping: AbortSignal;
  cutting: AbortSignal;
  now: () => Date;
  onActivity: OnActivity;
}

/** The jobs that are waiting, and those that are with the app. */
export interface JobRunner {
  /** Resolves once the job is on disk. @throws ApiError where one of its name is to stay, and what the disk throws */
  set(request: JobRequest): Promise<void>;
  /** Resolves once there is no job of this name on the disk. What is with the app already goes on. */
  cancel(name: string): Promise<void>;
  /** A job, and what it is to send. */
  find(name: string): { job: Job; data: string | undefined } | undefined;
  /** Lets jobs come; those whose time is past come at once. */
  start(): void;
  /** Resolves when none is with the app any more; `stopping` must have been aborted. */
  stopped(): Promise<void>;
}

/** A job that waits for its next time, or is with the app. */
interface Waiting {
  job: Job;
  at: number;
  timer?: NodeJS.Timeout;
}

/** How late the end of a job may be written: where that is lost it comes again, as it can with a real scheduler. */
const END_DELAY_MS = 20;
/** Timers do not count the time that a machine sleeps: so long after it has woken, all is as it was. */
const LONGEST_WAIT_MS = 60_000;

/** Lets the stored jobs come to the app, one call of each job at a time; until `start`, they are only kept. */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { store, appChannel, stopping, cutting, now, onActivity } = options;
  const waiting = new Map<string, Waiting>();
  const arriving = new Set<string>();
  const calls = new Map<string, Promise<void>>();
  let started = false;
  const forgetTimers = () => {
    for (const { timer } of waiting.values()) clearTimeout(timer);
  };
  const mayComeAgain = (name: string) => (error: unknown) => {
    onActivity({ kind: 'warning', message: `the job ${name} may come again: ${(error as Error).message}` });
  };
  stopping.addEventListener('abort', forgetTimers, { once: true });
  for (const job of store.all()) plan(job);

  function plan(job: Job, at = nextTime(job)): void {
    const { name } = job.terms;
    dismiss(name);
    if (at === undefined) return void end(name);
    const planned: Waiting = { job, at };
    waiting.set(name, planned);
    if (started) wait(planned);
  }

  function dismiss(name: string): void {
    clearTimeout(waiting.get(name)?.timer);
    waiting.delete(name);
  }

  function end(name: string): void {
    store.remove(name, END_DELAY_MS).catch(mayComeAgain(name));
  }

  function wait(planned: Waiting): void {
    if (stopping.aborted) return;
    const restMs = planned.at - now().getTime();
    if (restMs <= 0) come(planned);
    else planned.timer = setTimeout(wait, Math.min(restMs, LONGEST_WAIT_MS), planned);
  }

  function come(planned: Waiting): void {
    const { name } = planned.job.terms;
    if (waiting.get(name) !== planned || stopping.aborted) return;
    // A job that replaces one that is with the app comes behind it.
    const before = calls.get(name);
    if (before) return void before.then(() => come(planned));
    const call = bring(planned)
      .catch(mayComeAgain(name))
      .then(() => void calls.delete(name));
    calls.set(name, call);
  }

  async function bring(planned: Waiting): Promise<void> {
    const { job, at } = planned;
    const { name } = job.terms;
    const failure = await send(name);
    // Replaced or cancelled meanwhile, or cut off: then what came of it says nothing.
    if (waiting.get(name) !== planned || cutting.aborted) return;
    const { progress, retryAt } = failure ? afterFailure(job, at) : { progress: afterSuccess(job) };
    const next: Job = { ...job, progress };
    const nextAt = retryAt ?? nextTime(next);
    plan(next, nextAt);
    if (nextAt !== undefined) await store.put(next, store.data(name));
  }

  /** Resolves to why the app did not take it; undefined where it did, or said that it never will. */
  async function send(name: string): Promise<string | undefined> {
    const path = `/job/${encodeURI(name)}`;
    const startedAt = performance.now();
    const failed = (reason: string) => {
      onActivity({ kind: 'job-failed', job: name, reason, durationMs: performance.now() - startedAt });
      return reason;
    };
    const headers = { 'content-type': 'application/json' };
    try {
      const data = store.data(name);
      if (data === undefined) return failed('it has no data, and daprd sends none without');
      const request = { method: 'POST', path, headers, body: Buffer.from(data), signal: cutting } as const;
      const { status } = await appChannel.request(request);
      if (status !== 404 && (status < 200 || status > 299)) return failed(`the app answered ${status}`);
      onActivity({ kind: 'job', job: name, status, durationMs: performance.now() - startedAt });
      return undefined;
    } catch (error) {
      return failed((error as Error).message);
    }
  }

  /** Replaces what waits under a name by what `write` has written; where that fails, it goes on as it was. */
  async function replace(name: string, write: () => Promise<void>): Promise<void> {
    const before = waiting.get(name);
    dismiss(name);
    try {
      await write();
    } catch (error) {
      if (before && !waiting.has(name)) plan(before.job, before.at);
      throw error;
    }
  }

  return {
    async set({ terms, data, overwrite }) {
      const { name } = terms;
      if (!overwrite && (waiting.has(name) || arriving.has(name))) throw jobExists(name);
      const job = { terms, progress: NOT_BEGUN };
      arriving.add(name);
      try {
        await replace(name, () => store.put(job, data));
      } finally {
        arriving.delete(name);
      }
      plan(job);
    },
    cancel: (name) => replace(name, () => store.remove(name)),
    find(name) {
      const found = waiting.get(name);
      return found && { job: found.job, data: store.data(name) };
    },
    start() {
      started = true;
      for (const planned of [...waiting.values()]) wait(planned);
    },
    async stopped() {
      await Promise.all(calls.values());
    },
  };
}
