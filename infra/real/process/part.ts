import { setTimeout as delay } from 'node:timers/promises';
import type { RunningProcess } from './process.ts';

/** What a part tells about itself. */
export type PartActivity =
  /** It serves, for the first time or again, `ms` milliseconds after it was started. */
  | { readonly part: string; readonly kind: 'serving'; readonly ms: number }
  /** It ended without having been asked to, and is started again in `retryInMs` milliseconds. */
  | { readonly part: string; readonly kind: 'ended'; readonly reason: string; readonly retryInMs: number }
  /** Something of its log that a person should know. */
  | { readonly part: string; readonly kind: 'warning'; readonly message: string };

/** Takes the parts' reports; it must not throw. */
export type ReportPart = (activity: PartActivity) => void;

export interface PartOptions {
  name: string;
  launch(): Promise<RunningProcess>;
  /** Resolves when the part serves; while it rejects it is asked again and again. */
  probe(): Promise<void>;
  /** Asks it to end in order. */
  stopSignal: NodeJS.Signals;
  /** Milliseconds between that signal and SIGKILL. */
  stopGraceMs: number;
  /** Milliseconds from start to serving, at most. */
  startTimeoutMs: number;
  /** Where its log is, for error messages. */
  logFile: string;
  /** What a line of that log says to a person; undefined where it is no reason to end. Left out, the line itself. */
  readLine?: (line: string) => string | undefined;
  onActivity: ReportPart;
}

/** A server in a process of its own, kept running from `start` until it is stopped or killed. */
export interface Part {
  readonly name: string;
  /** The process's number, while there is one. */
  pid(): number | undefined;
  /** Resolves when it serves. Rejects, with no process left, when it ends before that or takes too long. */
  start(): Promise<void>;
  /** Asks it to end, resolves when it has; it stays down until `start`. */
  stop(): Promise<void>;
  /** Kills it (SIGKILL), resolves when it is gone; it stays down until `start`. */
  kill(): Promise<void>;
}

/** Short beside the start of the fastest part, daprd, which takes a quarter of a second. */
const PROBE_INTERVAL_MS = 50;
const FIRST_BACK_OFF_MS = 250;
/** A part that can't start costs little from then on, and is back soon once its cause is gone. */
const LONGEST_BACK_OFF_MS = 5_000;
/** A part that served this long had recovered: what ends it then is something new. */
const RECOVERED_AFTER_MS = 30_000;

/** Makes a part, which does not run yet. */
export function createPart(options: PartOptions): Part {
  const { name, onActivity } = options;
  const dismissed = new WeakSet<RunningProcess>();
  let wanted = false;
  let current: RunningProcess | undefined;
  let starting: Promise<void> | undefined;
  let failures = 0;

  function startUnlessRunning(): Promise<void> {
    if (current && !starting) return Promise.resolve();
    starting ??= launch().finally(() => {
      starting = undefined;
    });
    return starting;
  }

  async function launch(): Promise<void> {
    const startedAt = performance.now();
    const launched = await options.launch();
    current = launched;
    const exited = launched.exited.then((how) => {
      if (current === launched) current = undefined;
      return how;
    });
    if (!wanted) await launched.kill();
    await serving(launched, exited, startedAt + options.startTimeoutMs);
    const servingSince = performance.now();
    onActivity({ part: name, kind: 'serving', ms: servingSince - startedAt });
    void exited.then((how) => {
      if (dismissed.has(launched)) return;
      if (performance.now() - servingSince > RECOVERED_AFTER_MS) failures = 0;
      return startAgain(`${how}: ${lastWords(launched)}`);
    });
  }

  async function serving(launched: RunningProcess, exited: Promise<string>, deadline: number): Promise<void> {
    let ended: string | undefined;
    const noticed = exited.then((how) => {
      ended = how;
    });
    while (!(await answers(options.probe)) || ended) {
      if (ended) throw new Error(`${name} ended (${ended}) before it served: ${lastWords(launched)}`);
      if (performance.now() > deadline) {
        await launched.kill();
        throw new Error(`${name} does not serve after ${options.startTimeoutMs / 1000} s: ${lastWords(launched)}`);
      }
      await Promise.race([delay(PROBE_INTERVAL_MS), noticed]);
    }
  }

  async function startAgain(reason: string): Promise<void> {
    const retryInMs = Math.min(FIRST_BACK_OFF_MS * 2 ** failures, LONGEST_BACK_OFF_MS);
    failures += 1;
    onActivity({ part: name, kind: 'ended', reason, retryInMs });
    await delay(retryInMs, undefined, { ref: false });
    if (!wanted) return;
    await startUnlessRunning().catch((error: Error) => (wanted ? startAgain(error.message) : undefined));
  }

  function lastWords(launched: RunningProcess): string {
    const said = lastWord(launched.lastLines(), options.readLine);
    return `${said ? `"${said}", ` : ''}see ${options.logFile}`;
  }

  async function end(how: (launched: RunningProcess) => Promise<void>): Promise<void> {
    wanted = false;
    failures = 0;
    if (current) {
      dismissed.add(current);
      await how(current);
    }
    await starting?.catch(() => {});
  }

  return {
    name,
    pid: () => current?.pid,
    async start() {
      wanted = true;
      await startUnlessRunning().catch((error) => {
        wanted = false;
        throw error;
      });
    },
    stop: () => end((launched) => launched.stop(options.stopSignal, options.stopGraceMs)),
    kill: () => end((launched) => launched.kill()),
  };
}

async function answers(probe: () => Promise<void>): Promise<boolean> {
  try {
    await probe();
    return true;
  } catch {
    return false;
  }
}

/** What a server says of its end is seldom its very last line: others follow, or the stack trace does. */
function lastWord(
  lines: readonly string[],
  readLine: (line: string) => string | undefined = String,
): string | undefined {
  const words = lines.map(readLine).filter((word) => word !== undefined && /^\S/.test(word));
  return words.findLast((word) => word && /\b(FATAL|PANIC|ERROR|\w*Exception)\b/.test(word)) ?? words.at(-1);
}
