import * as z from 'zod';
import type { RunSql } from '../../faults/target.ts';
import { readLine } from '../../real/functionLog.ts';
import type { RealActivity } from '../../real/platform.ts';
import { send } from '../../story/call.ts';
import type { World } from '../../story/world.ts';

/** Times in milliseconds, by what they are of. */
export type Times = ReadonlyMap<string, number>;

/** Readers of the API, each of which only this path wakes. */
const READERS = {
  listTasks: '/tasks',
  listNotifications: '/notifications',
  getStats: '/stats?timeZone=UTC',
  getPreferences: '/preferences',
  listSeries: '/series',
  listWebhooks: '/webhooks',
  listDeliveries: '/deliveries',
  listCalendarAddresses: '/calendar-addresses',
} as const;
const TIMEOUT_MS = 60_000;

/** How long a request takes that finds its function at zero, one function after the other. */
export async function requestTimes(
  world: World,
  userName: string,
  isAtZero: (name: string) => boolean,
): Promise<Times> {
  const { token } = await world.user(userName);
  const times = new Map<string, number>();
  for (const [name, path] of Object.entries(READERS)) {
    if (!isAtZero(name)) continue;
    const startedAt = performance.now();
    const { status, body } = await send(world.api, { path, headers: { authorization: `Bearer ${token}` } }, TIMEOUT_MS);
    if (status !== 200) throw new Error(`GET ${path} answers ${status}: ${body}`);
    times.set(name, performance.now() - startedAt);
  }
  return times;
}

/** How long after it was published an event of a task took effect, by function. */
export async function eventTimes(sql: RunSql, taskId: string): Promise<Times> {
  const rows = await sql<{ function: string; ms: string }>(
    `select i.function, (extract(epoch from i.processed_at - o.occurred_at) * 1000)::text as ms
     from outbox o join inbox i on i.event_id = o.event_id where o.task_id = $1`,
    [taskId],
  );
  return new Map(rows.map(({ function: name, ms }) => [name, Number(ms)]));
}

/** The middle, the shortest and the longest of some times, for a person. */
export function describeTimes(times: readonly number[]): string {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (index: number) => `${((sorted[index] ?? Number.NaN) / 1000).toFixed(2)} s`;
  return `${at(Math.floor((sorted.length - 1) / 2))} in the middle, ${at(0)} to ${at(sorted.length - 1)}, of ${sorted.length}`;
}

const MINUTE_MS = 60_000;
const tick = z.object({ time: z.iso.datetime(), outcome: z.literal('done') });

/** How long after the minute's beginning, at which they come, ticks were done that found their function at zero. */
export function tickTimes(activities: readonly RealActivity[], crons: readonly string[]): number[] {
  const woken = new Set<string>();
  const times: number[] = [];
  for (const activity of activities) {
    if (!('type' in activity) || !('function' in activity) || !crons.includes(activity.function ?? '')) continue;
    const name = activity.function ?? '';
    if (activity.type === 'woke') woken.add(name);
    if (activity.type !== 'output') continue;
    const done = readLine(tick, activity.line);
    if (done && woken.delete(name)) times.push(Date.parse(done.time) % MINUTE_MS);
  }
  return times;
}
