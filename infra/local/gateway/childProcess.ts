import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { onLine } from './lines.ts';
import type { OrphanReaper } from './orphanReaper.ts';

/** How a process ended; `error` when it could not even be spawned. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

/** One operating system process and everything it may have started. */
export interface ChildProcess {
  readonly exited: Promise<ProcessExit>;
  /** The last lines it wrote to stderr, oldest first. */
  stderrTail(): readonly string[];
  /** Asks it to stop (SIGTERM), kills its group after `graceMs`, resolves when it is gone: true if it was killed. */
  stop(graceMs: number): Promise<boolean>;
}

/** What to run, and who wants to know. */
export interface ChildProcessOptions {
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly reaper: OrphanReaper;
  readonly onOutput: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** Holds a stack trace and what was said before it. */
const STDERR_TAIL_LINES = 20;
/** What was written before the exit is in the pipe by then; only an escaped grandchild can hold it open longer. */
const OUTPUT_FLUSH_MS = 250;

/** Spawns a process as the leader of its own group, guarded by the reaper; does not throw, see `exited`. */
export function startChildProcess(options: ChildProcessOptions): ChildProcess {
  const [file, ...args] = options.command;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid !== undefined) options.reaper.watch(pid);

  const tail: string[] = [];
  onLine(child.stdout, (line) => options.onOutput('stdout', line));
  onLine(child.stderr, (line) => {
    tail.push(line);
    if (tail.length > STDERR_TAIL_LINES) tail.shift();
    options.onOutput('stderr', line);
  });

  function killGroup(): void {
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // ESRCH: nobody of the group is left, which is what was wanted.
    }
  }

  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('error', (error) => {
      if (pid === undefined) resolve({ code: null, signal: null, error });
    });
    child.once('exit', async (code, signal) => {
      killGroup();
      if (pid !== undefined) options.reaper.unwatch(pid);
      await Promise.race([once(child, 'close'), delay(OUTPUT_FLUSH_MS, undefined, { ref: false })]);
      resolve({ code, signal });
    });
  });

  let asked = false;
  let killed = false;
  return {
    exited,
    stderrTail: () => [...tail],
    async stop(graceMs) {
      // A second SIGTERM means "at once" to many programs.
      if (!asked) child.kill('SIGTERM');
      asked = true;
      const timer = setTimeout(() => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        killed = true;
        killGroup();
      }, graceMs);
      await exited;
      clearTimeout(timer);
      return killed;
    },
  };
}

/** An exit in words, with the line of stderr that tells most. */
export function describeExit({ code, signal, error }: ProcessExit, stderr: readonly string[]): string {
  const how = error?.message ?? (signal === null ? `exit code ${code}` : `signal ${signal}`);
  const line = tellingLine(stderr);
  return line === undefined ? how : `${how}: ${line}`;
}

/** After an uncaught error the last line is only Node's version: the line that names the error says more. */
function tellingLine(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.findLast((line) => line.trim() !== '');
}
