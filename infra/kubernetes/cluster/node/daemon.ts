import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { inNetwork } from './network.ts';

export interface DaemonOptions {
  name: string;
  command: readonly string[];
  logFile: string;
  /** Resolves when it serves; while it rejects it is asked again and again. Left out, running is enough. */
  probe?: () => Promise<unknown>;
}

const PROBE_INTERVAL_MS = 200;
/** The API server takes five seconds, or many times that where a test suite runs beside it. */
const START_TIMEOUT_MS = 120_000;
const LAST_LINES = 5;

/**
 * Starts a program in the node's network, to outlive this process: unlike one of `infra/real`, it writes its log itself.
 * Resolves when it serves; rejects, with the last lines of its log, when it ends before that or takes too long.
 */
export async function startDaemon({ name, command, logFile, probe }: DaemonOptions): Promise<void> {
  const log = await open(logFile, 'a', 0o600);
  const [file, ...args] = inNetwork(command);
  const child = spawn(file, args, {
    cwd: '/',
    env: { PATH: process.env.PATH },
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await once(child, 'spawn').finally(() => log.close());
  child.unref();
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (probe && !(await answers(probe))) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new Error(`${name} ended (${ended}) before it served: ${await lastWords(logFile)}`);
    if (performance.now() > deadline) {
      throw new Error(`${name} does not serve after ${START_TIMEOUT_MS / 1000} s: ${await lastWords(logFile)}`);
    }
    await delay(PROBE_INTERVAL_MS);
  }
}

function answers(probe: () => Promise<unknown>): Promise<boolean> {
  return probe().then(
    () => true,
    () => false,
  );
}

async function lastWords(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8')).trim().split('\n').slice(-LAST_LINES).join('\n');
}
