import { setTimeout as sleep } from 'node:timers/promises';
import { describeMachine, type Machine } from '../bench/machine.ts';
import { startEmbeddedSystem } from './embeddedSystem.ts';
import { recordFunctionLives } from './functionLives.ts';
import { startKnativeSystem } from './knativeSystem.ts';
import { startRealSystem } from './realSystem.ts';
import type {
  DatabaseRequest,
  PartMemory,
  PlatformName,
  RestingSystem,
  RestingSystemOptions,
  WakeUps,
} from './restingSystem.ts';
import { coveredMs, delayBefore, fullHoursIn, type Window } from './window.ts';

/** What was seen of a system that nobody used, for a while. */
export interface RestReport {
  platform: PlatformName;
  wakeUps: WakeUps;
  machine: Machine;
  node: string;
  /** Beginning and end, in RFC 3339, and the full hours between them, at which hourly crons come. */
  from: string;
  to: string;
  fullHours: string[];
  seconds: number;
  functions: {
    /** Each function that was woken, when, and for how many seconds its process lived within the window. */
    starts: { function: string; at: string; seconds: number }[];
    /** Seconds in which processes lived, of all functions together, those that lived before the window too. */
    processSeconds: number;
  };
  database: {
    /** Statements and transactions, by whom. */
    requests: Record<DatabaseRequest['by'], number>;
    /** When the functions and the sidecar asked for something, in seconds since the window's beginning. */
    atSeconds: number[];
    /** Seconds in which a Neon compute would have been awake for them. */
    neonSeconds: number;
  };
  /** Of what stays up, when it was last seen with no function running. Empty where it never was. */
  memory: PartMemory[];
}

export interface MeasureRestOptions extends Pick<RestingSystemOptions, 'wakeUps' | 'schedules' | 'idleSeconds'> {
  platform: PlatformName;
  /** How long to look, in milliseconds. */
  lengthMs: number;
  onProgress: (line: string) => void;
  /** Aborted when the measurement is told to stop. */
  signal: AbortSignal;
  /** In place of what starts the platform, for tests. */
  start?: (options: RestingSystemOptions) => Promise<RestingSystem>;
}

/** A Neon compute suspends after so long without a query (https://neon.com/docs/introduction/scale-to-zero). */
export const NEON_SUSPEND_MS = 5 * 60_000;

/** Longer than functions take to sleep; what runs all the time is measured as it is. */
const UNTIL_ZERO_MS = 3 * 60_000;
const LOOK_MS = 250;
const PROGRESS_MS = 60_000;

const starters: Record<PlatformName, (options: RestingSystemOptions) => Promise<RestingSystem>> = {
  embedded: startEmbeddedSystem,
  real: startRealSystem,
  knative: startKnativeSystem,
};

/**
 * Starts the system on new data (the functions' bundles must be there), waits until no function runs, looks on for a while
 * without a touch, and takes everything away again. One hour or more begins so that the last full hour is well before its end.
 */
export async function measureRest(options: MeasureRestOptions): Promise<RestReport> {
  const { platform, lengthMs, onProgress, signal, start = starters[platform] } = options;
  const machine = describeMachine(new Date());
  const lives = recordFunctionLives();
  const system = await start({ ...options, onActivity: lives.add });
  try {
    signal.throwIfAborted();
    onProgress('waiting until no function runs');
    const patience = Date.now() + UNTIL_ZERO_MS;
    while (lives.running().length > 0 && Date.now() < patience) await pause(LOOK_MS, signal);
    const delay = delayBefore(Date.now(), lengthMs);
    if (delay > 0) {
      onProgress(`waiting ${Math.ceil(delay / 1000)} s, for the full hour to be well before the end`);
      await pause(delay, signal);
    }

    const from = Date.now();
    const window = { from, to: from + lengthMs };
    let memory: PartMemory[] = [];
    for (let now = from; now < window.to; now = Date.now()) {
      if (lives.running().length === 0) memory = await system.memory();
      onProgress(progress(window, lives.within(window).length));
      await pause(Math.min(PROGRESS_MS, window.to - Date.now()), signal);
    }
    // What was told just before the end has arrived by then.
    await pause(LOOK_MS, signal);

    const requests = await system.databaseRequests(window);
    const asked = requests.filter(({ by }) => by !== 'health probe').map(({ at }) => at);
    const lived = lives.within(window);
    const time = (ms: number) => new Date(ms).toISOString();
    return {
      platform,
      wakeUps: system.wakeUps,
      machine,
      node: process.versions.node,
      ...{ from: time(window.from), to: time(window.to), fullHours: fullHoursIn(window).map(time) },
      seconds: lengthMs / 1000,
      functions: {
        starts: lived
          .filter((life) => life.from >= window.from)
          .map((life) => ({ function: life.function, at: time(life.from), seconds: coveredMs([life], window) / 1000 })),
        processSeconds: lived.reduce((sum, life) => sum + coveredMs([life], window), 0) / 1000,
      },
      database: {
        requests: countByWhom(requests),
        atSeconds: asked.map((at) => (at - window.from) / 1000),
        neonSeconds:
          coveredMs(
            asked.map((at) => ({ from: at, to: at + NEON_SUSPEND_MS })),
            window,
          ) / 1000,
      },
      memory,
    };
  } finally {
    onProgress('stopping the system');
    await system.close();
  }
}

/** @throws the signal's reason, when it is aborted */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal }).catch(() => signal.throwIfAborted());
}

function progress({ from, to }: Window, lives: number): string {
  const minutes = (ms: number) => (ms / 60_000).toFixed(1);
  return `${minutes(Date.now() - from)} of ${minutes(to - from)} minutes, ${lives} times a function was awake`;
}

function countByWhom(requests: readonly DatabaseRequest[]): RestReport['database']['requests'] {
  const counts = { functions: 0, sidecar: 0, 'health probe': 0 };
  for (const { by } of requests) counts[by] += 1;
  return counts;
}
