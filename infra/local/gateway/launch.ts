import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildProcess, type ChildProcessOptions, describeExit, startChildProcess } from './childProcess.ts';
import type { PortLender } from './ports.ts';
import { untilHealthy } from './readiness.ts';

/** Where requests are taken: a port, and the connections that are kept to it. */
export interface Upstream {
  /** Of another machine, which is then also the request's Host; left out, 127.0.0.1, and the Host stays. */
  readonly host?: string;
  readonly port: number;
  readonly agent: Agent;
}

/** A process that is ready for requests. */
export interface ReadyProcess extends ChildProcess, Upstream {}

/** What to launch, and how long to wait for it. */
export interface LaunchOptions extends ChildProcessOptions {
  readonly startTimeoutMs: number;
  /** Answers 200 once the process is ready. */
  readonly healthPath: string;
  readonly ports: PortLender;
  /** Gives the launch up. */
  readonly signal: AbortSignal;
}

/** The process did not become ready; the message says why, for the operator. */
export class LaunchError extends Error {
  readonly stderr: readonly string[];

  constructor(reason: string, stderr: readonly string[]) {
    super(reason);
    this.name = 'LaunchError';
    this.stderr = stderr;
  }
}

/** The port can be lost to another program between being found free and being bound; thrice in a row it is not chance. */
const PORT_ATTEMPTS = 3;

/**
 * Starts a process with `PORT` in its environment and resolves when it is ready.
 * Throws a LaunchError, with nothing left running, when it exits before, takes too long, or the signal aborts.
 */
export async function launch(options: LaunchOptions): Promise<ReadyProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await options.ports.borrow();
    const agent = new Agent({ keepAlive: true });
    const child = startChildProcess({ ...options, env: { ...options.env, PORT: String(port) } });
    void child.exited.then(() => {
      agent.destroy();
      options.ports.giveBack(port);
    });

    const outcome = await firstOutcome(child, port, agent, options);
    if (outcome === 'ready') return { ...child, port, agent };
    if (outcome !== 'exited') await child.stop(0);
    const stderr = child.stderrTail();
    const portWasTaken = outcome === 'exited' && stderr.some((line) => line.includes('EADDRINUSE'));
    if (portWasTaken && attempt < PORT_ATTEMPTS) continue;
    throw new LaunchError(await reasonOf(outcome, child, stderr, options), stderr);
  }
}

type Outcome = 'ready' | 'exited' | 'too slow' | 'given up';

async function firstOutcome(child: ChildProcess, port: number, agent: Agent, options: LaunchOptions): Promise<Outcome> {
  const decided = new AbortController();
  const unlessDecided = { signal: decided.signal, ref: false };
  const givenUp = new Promise<Outcome>((resolve) => {
    if (options.signal.aborted) resolve('given up');
    options.signal.addEventListener('abort', () => resolve('given up'), { signal: decided.signal });
  });
  const outcomes: Promise<Outcome>[] = [
    child.exited.then(() => 'exited'),
    untilHealthy({ port, agent, path: options.healthPath, signal: decided.signal }).then(() => 'ready'),
    delay(options.startTimeoutMs, 'too slow' as const, unlessDecided),
    givenUp,
  ];
  // The losers end with an AbortError that nobody waits for.
  for (const outcome of outcomes) outcome.catch(() => {});
  try {
    return await Promise.race(outcomes);
  } finally {
    decided.abort();
  }
}

async function reasonOf(
  outcome: Outcome,
  child: ChildProcess,
  stderr: readonly string[],
  { startTimeoutMs, healthPath }: LaunchOptions,
): Promise<string> {
  if (outcome === 'exited') return describeExit(await child.exited, stderr);
  if (outcome === 'given up') return 'the gateway shuts down';
  return `not ready within ${startTimeoutMs} ms: GET ${healthPath} on its PORT did not answer 200`;
}
