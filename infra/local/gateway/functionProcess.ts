import type { ReportActivity } from './activity.ts';
import { describeExit, type ProcessExit } from './childProcess.ts';
import { LaunchError, launch, type ReadyProcess, type Upstream } from './launch.ts';
import { type LivenessProbe, watchLiveness } from './liveness.ts';
import type { OrphanReaper } from './orphanReaper.ts';
import type { PortLender } from './ports.ts';
import { Refusal, retryAfter } from './refusal.ts';
import { HEALTH_PATH, type Route } from './routing.ts';
import { createWaitingLine } from './waitingLine.ts';

/** Everything the gateway must know of a function. */
export interface FunctionProcess {
  readonly name: string;
  readonly routes: readonly Route[];
  /** Must listen on `PORT` and answer a GET on its health path. */
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  /** The whole environment of the process, but for `PORT`; nothing is inherited from the gateway's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Requests at once to the process, others wait in order. Default 100. */
  readonly concurrency?: number;
  /** Milliseconds from a request's arrival to the end of its answer, cold start included. Default 30,000. */
  readonly timeoutMs?: number;
  /** Milliseconds without a request after which its process is stopped, in place of the gateway's own. */
  readonly idleMs?: number;
  /** Answers 200 once the process is ready. Default `/healthz`. */
  readonly healthPath?: string;
  /** Left out, a process that runs is trusted to be alive. */
  readonly liveness?: LivenessProbe;
}

/** What takes a function's requests, as long as it lasts. */
export type FunctionServer = Upstream & Pick<ReadyProcess, 'exited' | 'stop'>;

/** The right to send one request to a ready process; must be released. */
export interface Lease {
  readonly process: FunctionServer;
  /** Gives the slot back; `answered` tells whether the function produced an answer. */
  release(answered: boolean): void;
}

/** Runs a function's process while it is used, one process at most. */
export interface FunctionRunner {
  isRunning(): boolean;
  /**
   * Resolves when it is the request's turn, starting the process if need be.
   * Rejects with a Refusal when the process cannot start, too many wait, or the gateway shuts down, and with the
   * signal's reason when it aborts.
   */
  lease(signal: AbortSignal): Promise<Lease>;
  /** Refuses what waits, lets what runs finish within `graceMs`, ends the process. */
  close(graceMs: number): Promise<void>;
}

/** The times and limits of all functions, in milliseconds, and what they share. */
export interface RunnerOptions {
  readonly idleMs: number;
  readonly startTimeoutMs: number;
  readonly stopGraceMs: number;
  readonly maxPending: number;
  readonly ports: PortLender;
  readonly reaper: OrphanReaper;
  readonly report: ReportActivity;
}

/** Knative's container concurrency in this system. */
const DEFAULT_CONCURRENCY = 100;
/** After two failures in a row; doubles with each further one. The first one may be chance and costs nothing. */
const FIRST_BACK_OFF_MS = 250;
/** Keeps a function that cannot start to a few per cent of a core, and a repaired one from waiting long. */
const LONGEST_BACK_OFF_MS = 5_000;
/** What a process is given to end after SIGTERM even if its requests used up the gateway's whole grace. */
const LEAST_STOP_GRACE_MS = 500;
/** Requests are short: a queue that is full now has moved on by then. */
const BUSY_RETRY_MS = 1_000;

type State =
  | { readonly phase: 'stopped' }
  | { readonly phase: 'starting'; readonly giveUp: AbortController; readonly settled: Promise<void> }
  | { readonly phase: 'running'; readonly process: ReadyProcess; inFlight: number; hasAnswered: boolean }
  | { readonly phase: 'stopping'; readonly process: ReadyProcess; readonly settled: Promise<void> };
type Running = Extract<State, { phase: 'running' }>;

/** Creates the runner of one function: stopped → starting → running → stopping → stopped. Starts nothing yet. */
export function createFunctionRunner(definition: FunctionProcess, options: RunnerOptions): FunctionRunner {
  const { name, concurrency = DEFAULT_CONCURRENCY, healthPath = HEALTH_PATH, liveness } = definition;
  const { idleMs = options.idleMs } = definition;
  const { report } = options;
  const line = createWaitingLine<Lease>();
  let state: State = { phase: 'stopped' };
  let isClosing = false;
  let failures = 0;
  let lastFailure = '';
  let noStartBefore = 0;
  let idleTimer: NodeJS.Timeout | undefined;
  let onDrained = () => {};

  function advance(): void {
    if (state.phase === 'stopped' && line.size > 0) wake();
    if (state.phase === 'running') admitWaiting(state);
  }

  function wake(): void {
    const backOff = noStartBefore - performance.now();
    if (backOff > 0) {
      line.refuseAll(couldNotStart(backOff));
      return;
    }
    const giveUp = new AbortController();
    state = { phase: 'starting', giveUp, settled: start(giveUp.signal) };
  }

  async function start(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    report({ type: 'waking', function: name });
    try {
      const process = await launch({ ...definition, ...options, healthPath, onOutput, signal });
      state = { phase: 'running', process, inFlight: 0, hasAnswered: false };
      const running = state;
      void process.exited.then((exit) => onExit(running, exit));
      if (liveness) watchLiveness(process, liveness, () => void process.stop(options.stopGraceMs));
      report({ type: 'woke', function: name, ms: performance.now() - startedAt });
    } catch (error) {
      onStartFailed(error, signal.aborted);
    }
    advance();
  }

  function onOutput(stream: 'stdout' | 'stderr', text: string): void {
    report({ type: 'output', function: name, stream, line: text });
  }

  function onStartFailed(error: unknown, wasGivenUp: boolean): void {
    state = { phase: 'stopped' };
    if (wasGivenUp) return;
    const reason = error instanceof Error ? error.message : String(error);
    countFailure(reason);
    const stderr = error instanceof LaunchError ? error.stderr : [];
    const retryInMs = Math.max(0, noStartBefore - performance.now());
    report({ type: 'start-failed', function: name, reason, retryInMs, stderr });
    line.refuseAll(couldNotStart(retryInMs));
  }

  function countFailure(reason: string): void {
    failures += 1;
    lastFailure = reason;
    const backOff = failures < 2 ? 0 : Math.min(FIRST_BACK_OFF_MS * 2 ** (failures - 2), LONGEST_BACK_OFF_MS);
    noStartBefore = performance.now() + backOff;
  }

  function couldNotStart(retryAfterMs: number): Refusal {
    const publicDetail = `function ${name} could not start`;
    return new Refusal(503, `${publicDetail} (${lastFailure})`, {
      publicDetail,
      headers: retryAfter(retryAfterMs),
    });
  }

  function onExit(running: Running, exit: ProcessExit): void {
    if (state !== running) return;
    clearTimeout(idleTimer);
    state = { phase: 'stopped' };
    const stderr = running.process.stderrTail();
    report({ type: 'crashed', function: name, code: exit.code, signal: exit.signal, stderr });
    // A process that answered something did start; one that never does would otherwise be restarted in a loop.
    if (!running.hasAnswered) countFailure(`it ended again before it answered: ${describeExit(exit, stderr)}`);
    advance();
  }

  function admitWaiting(running: Running): void {
    clearTimeout(idleTimer);
    while (running.inFlight < concurrency && line.size > 0) {
      running.inFlight += 1;
      line.admit(leaseOf(running));
    }
    if (running.inFlight > 0) return;
    onDrained();
    if (Number.isFinite(idleMs) && !isClosing) {
      idleTimer = setTimeout(() => stop(running, options.stopGraceMs), idleMs).unref();
    }
  }

  function leaseOf(running: Running): Lease {
    let released = false;
    return {
      process: running.process,
      release(answered) {
        if (released) return;
        released = true;
        running.inFlight -= 1;
        if (answered) {
          running.hasAnswered = true;
          failures = 0;
        }
        if (state === running) admitWaiting(running);
      },
    };
  }

  function stop(running: Running, graceMs: number): void {
    clearTimeout(idleTimer);
    state = { phase: 'stopping', process: running.process, settled: ending(running, graceMs) };
  }

  async function ending({ process }: Running, graceMs: number): Promise<void> {
    // An idle connection left open would hold up the function's own graceful shutdown.
    process.agent.destroy();
    const forced = await process.stop(graceMs);
    state = { phase: 'stopped' };
    report({ type: 'slept', function: name, forced });
    advance();
  }

  function drained(running: Running, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (running.inFlight === 0) return resolve();
      const timer = setTimeout(resolve, withinMs);
      onDrained = () => {
        clearTimeout(timer);
        resolve();
      };
      void running.process.exited.then(onDrained);
    });
  }

  return {
    isRunning: () => state.phase === 'running',

    async lease(signal) {
      if (isClosing) throw new Refusal(503, 'the gateway shuts down');
      if (line.size >= options.maxPending) {
        throw new Refusal(503, `function ${name} is busy: ${line.size} requests wait already`, {
          headers: retryAfter(BUSY_RETRY_MS),
        });
      }
      const turn = line.enter(signal);
      advance();
      return turn;
    },

    async close(graceMs) {
      const deadline = performance.now() + graceMs;
      isClosing = true;
      line.refuseAll(new Refusal(503, 'the gateway shuts down'));
      if (state.phase === 'starting') {
        state.giveUp.abort();
        await state.settled;
      }
      if (state.phase === 'running') await drained(state, graceMs);
      const remainingMs = Math.max(deadline - performance.now(), LEAST_STOP_GRACE_MS);
      if (state.phase === 'running') stop(state, remainingMs);
      if (state.phase === 'stopping') await Promise.all([state.process.stop(remainingMs), state.settled]);
    },
  };
}
