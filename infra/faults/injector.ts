import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../real/process/signal.ts';
import type { Client } from './client.ts';
import type { Blow, Hit } from './hits.ts';
import type { Target } from './target.ts';

/** A hit that was carried out. */
export interface Struck {
  /** What was hit and how: `kafka kill`, or `daprd kill + postgres stop`. */
  name: string;
  /** Whether there was something to hit. */
  landed: boolean;
  /** Milliseconds from the blow's end until a task that was written after it had its notification; null: never. */
  recoveredInMs: number | null;
}

export interface InjectorOptions {
  hits: readonly Hit[];
  target: Target;
  client: Client;
  onStruck: (struck: Struck) => void;
}

/** Carries out hits one after the other, each once the load has come to its step and the one before is overcome. */
export interface Injector {
  /** Resolves when the load may go on with this step: its hits, and those before it, have begun. */
  reach(step: number): Promise<void>;
  /** Whether a hit has begun that is not overcome. */
  isUnderWay(): boolean;
  /** Resolves when all hits that were reached are over. */
  settled(): Promise<void>;
}

/** A part that is being started again has this long to have a process again; a function, until somebody calls it. */
const VICTIM_PATIENCE_MS = 10_000;
/** Kafka needs a quarter of a minute after a kill, and so does a consumer group; a retry waits for half a minute. */
const RECOVERY_PATIENCE_MS = 120_000;
const LOOK_MS = 200;

export function createInjector({ hits, target, client, onStruck }: InjectorOptions): Injector {
  let next = 0;
  let underWay = 0;
  let begun = Promise.resolve();
  let last = Promise.resolve();

  async function carryOut({ blows }: Hit, number: number): Promise<void> {
    underWay += 1;
    const landed = await Promise.all(blows.map((blow) => strike(blow, target)));
    const recoveredInMs = await recovery(client, number);
    const name = blows.map(({ part, how }) => `${part} ${how}`).join(' + ');
    onStruck({ name, landed: landed.some(Boolean), recoveredInMs });
    underWay -= 1;
  }

  return {
    async reach(step) {
      for (let hit = hits[next]; hit && hit.beforeStep <= step; hit = hits[next]) {
        next += 1;
        const number = next;
        const due = hit;
        begun = last;
        last = begun.then(() => carryOut(due, number));
      }
      await begun;
    },
    isUnderWay: () => underWay > 0,
    settled: () => last,
  };
}

async function strike({ part, how, ms, choice }: Blow, target: Target): Promise<boolean> {
  if (how === 'down') {
    target.toggleSidecar();
    await sleep(ms);
    target.toggleSidecar();
    return true;
  }
  if (how === 'empty') {
    await target.emptyScheduler();
    return true;
  }
  const pids = await until(VICTIM_PATIENCE_MS, async () => {
    const found = await target.pids(part);
    return found.length > 0 ? found : undefined;
  });
  if (!pids) return false;
  // Functions are independent of each other; of a part all processes are hit, or the one that leads the others.
  const chosen = part === 'function' ? pids.slice(Math.floor(choice * pids.length)).slice(0, 1) : pids;
  if (how === 'kill') return signal(chosen[0] as number, 'SIGKILL');
  const stopped = chosen.filter((pid) => signal(pid, 'SIGSTOP'));
  await sleep(ms);
  for (const pid of stopped) signal(pid, 'SIGCONT');
  return stopped.length > 0;
}

/** How long it takes until the system does its whole work again, in milliseconds. */
async function recovery(client: Client, number: number): Promise<number | null> {
  const startedAt = performance.now();
  const userId = `probe-${number}`;
  let attempt = 0;
  const task = await until(RECOVERY_PATIENCE_MS, () => {
    attempt += 1;
    return client.create('probe', userId, { title: `probe-${number}-${attempt}` });
  });
  if (!task) return null;
  const notified = await until(RECOVERY_PATIENCE_MS, async () => {
    return (await client.hasNotification(userId, task.id).catch(() => false)) || undefined;
  });
  return notified ? performance.now() - startedAt : null;
}

/** Looks until it finds something; undefined when it has not within `ms`. */
async function until<T>(ms: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined || performance.now() > deadline) return found;
    await sleep(LOOK_MS);
  }
}
