import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { onLine } from '../../local/gateway/lines.ts';
import type { OrphanReaper } from '../../local/gateway/orphanReaper.ts';

/** A user of this machine, by its numbers. */
export interface Owner {
  uid: number;
  gid: number;
}

export interface ProcessOptions {
  command: readonly [string, ...string[]];
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  /** Whom it runs as; left out, as this process does. */
  owner?: Owner | undefined;
  /** What it writes to its standard output and error is added to this file. */
  logFile: string;
  onLine?: (line: string) => void;
  /** Ends the process when this one dies, however it dies. */
  reaper: OrphanReaper;
}

/** A process of its own group, which runs. */
export interface RunningProcess {
  readonly pid: number;
  /** Resolves, when it has ended, to how: "exit code 1" or "SIGKILL". */
  readonly exited: Promise<string>;
  /** The last lines that it wrote, oldest first. */
  lastLines(): readonly string[];
  /** Sends a signal that asks it to end, kills it after `graceMs`, resolves when it is gone. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<void>;
  /** Kills its whole group at once (SIGKILL), resolves when it is gone. */
  kill(): Promise<void>;
}

/** Holds what a server says before it gives up, and the stack trace behind it. */
const LAST_LINES = 30;
/** What was written before the exit is in the pipe by then. */
const OUTPUT_FLUSH_MS = 250;

/** Starts a process. Rejects when it can't be started at all; that it is ready is for the caller to find out. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const [file, ...args] = options.command;
  const child = spawn(file, args, {
    cwd: '/',
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options.owner,
  });
  await once(child, 'spawn');
  const pid = child.pid as number;
  options.reaper.watch(pid);
  const lines = keepLines(child, options);

  const exited = new Promise<string>((resolve) => {
    child.once('exit', async (code, signal) => {
      killGroup(pid);
      options.reaper.unwatch(pid);
      await Promise.race([once(child, 'close'), delay(OUTPUT_FLUSH_MS, undefined, { ref: false })]);
      lines.close();
      resolve(signal ?? `exit code ${code}`);
    });
  });
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) killGroup(pid);
    await exited;
  };
  return {
    pid,
    exited,
    lastLines: lines.last,
    kill,
    async stop(signal, graceMs) {
      child.kill(signal);
      const timer = setTimeout(kill, graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function keepLines({ stdout, stderr }: ChildProcess, { logFile, onLine: report }: ProcessOptions) {
  const log = createWriteStream(logFile, { flags: 'a' });
  // A full disk must not end this process; the part's own fate shows what is wrong.
  log.on('error', () => {});
  const last: string[] = [];
  for (const stream of [stdout, stderr]) {
    if (!stream) continue;
    onLine(stream, (line) => {
      log.write(`${line}\n`);
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      report?.(line);
    });
  }
  return { last: () => [...last], close: () => log.end() };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: nobody of the group is left, which is what was wanted.
  }
}
