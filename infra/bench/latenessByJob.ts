import { setTimeout as sleep } from 'node:timers/promises';
import { runAs } from '../../shared/store/database.ts';
import { type Figure, type MeasureOptions, type Row, row } from './figure.ts';
import { type MeasuredPlatform, type Parts, withPlatform } from './platform.ts';
import { quantileOf, summarise } from './statistics.ts';

const FULL = { warm: { reminders: 1_000, seconds: 100, aheadSeconds: 60 }, cold: { reminders: 30 } };
const SHORT = { warm: { reminders: 20, seconds: 2, aheadSeconds: 10 }, cold: { reminders: 2 } };
const WRITERS = 8;
/** A user may have so many tasks open, and more. */
const TASKS_OF_A_USER = 100;
/** Nothing but jobs wakes what waits for reminders. */
const SCHEDULES = { 'reminder-scheduler': '@every 24h' };
const IDLE_SECONDS = 1;
/** A first reminder, which is not counted, wakes the functions so long before the others, and they stay awake. */
const WARM_UP_MS = 900;
/** Who wrote the task sleeps again by then, on a machine that is not too busy. */
const COLD_LEAD_MS = 6_000;
/** So long before its time it is looked whether a reminder finds every function asleep. */
const LOOK_AHEAD_MS = 50;
const PATIENCE_MS = 30_000;
const LOOK_MS = 250;
/** Behind the last notification: a second one of the same reminder would have come by then. */
const AFTERMATH_MS = 2_000;
const GOAL_MS = 1_000;

/** How late reminders are that a job wakes a function for, each at a millisecond of its own. */
export const latenessByJobFigure: Figure = {
  name: 'latenessByJob',
  summary: 'how late reminders are, woken by job: 1,000 within 100 s, and 30 with every function asleep, embedded',
  measure: (options) => measureLateness('embedded', options),
};

/** The same with Kafka, daprd and its scheduler. */
export const latenessByJobRealFigure: Figure = {
  name: 'latenessByJobReal',
  summary: 'the same on Kafka, daprd, its scheduler and Postgres',
  onRealParts: true,
  measure: (options) => measureLateness('real', options),
};

function measureLateness(parts: Parts, options: MeasureOptions): Promise<Row[]> {
  const { warm, cold } = options.short ? SHORT : FULL;
  return withPlatform(
    parts,
    async (platform) => {
      const ofWarm = await latenessWarm(platform, warm, options);
      const ofCold = await latenessCold(platform, cold.reminders, options);
      const rowsOf = (subject: string, late: readonly number[], goal: number | null) => [
        row(`${subject}: p50`, { unit: 'ms', measured: summarise([quantileOf(late, 0.5)]) }),
        row(`${subject}: p99`, { unit: 'ms', measured: summarise([quantileOf(late, 0.99)]), goal }),
      ];
      return [
        ...rowsOf(`${warm.reminders} reminders within ${warm.seconds} s, ${parts} parts`, ofWarm, GOAL_MS),
        ...rowsOf(`${cold.reminders} reminders with every function asleep, ${parts} parts`, ofCold, null),
      ];
    },
    options.onProgress,
    { idleSeconds: IDLE_SECONDS, schedules: SCHEDULES },
  );
}

type Warm = (typeof FULL)['warm'];

/** Reminders that find functions awake, and are so close to each other that none sleeps between them. */
async function latenessWarm(
  platform: MeasuredPlatform,
  { reminders, seconds, aheadSeconds }: Warm,
  { onProgress, signal }: MeasureOptions,
): Promise<number[]> {
  onProgress(`writing ${reminders} reminders`);
  const from = Date.now() + aheadSeconds * 1000;
  const ids: string[] = [];
  let next = 0;
  const write = async () => {
    while (next < reminders && !signal.aborted) {
      const user = `warm-${Math.floor(next / TASKS_OF_A_USER)}`;
      next += 1;
      ids.push(await remind(platform, user, from + Math.random() * seconds * 1000));
    }
  };
  await remind(platform, 'warm-up', from - WARM_UP_MS);
  await Promise.all(Array.from({ length: WRITERS }, write));
  signal.throwIfAborted();
  if (Date.now() > from) throw new Error(`writing ${reminders} reminders took longer than ${aheadSeconds} s`);
  onProgress(`waiting until ${reminders} reminders are told of`);
  await sleep(from + seconds * 1000 - Date.now(), undefined, { signal });
  return untilTold(platform, ids, signal);
}

/** Reminders that find every function asleep: one after the other, and another in place of one that does not. */
async function latenessCold(
  platform: MeasuredPlatform,
  reminders: number,
  { onProgress, signal }: MeasureOptions,
): Promise<number[]> {
  const late: number[] = [];
  for (let tries = 0; late.length < reminders; tries += 1) {
    if (tries >= 2 * reminders) throw new Error(`functions slept before ${late.length} of ${tries} reminders only`);
    onProgress(`reminder ${late.length + 1} of ${reminders} with every function asleep`);
    const at = Date.now() + COLD_LEAD_MS + Math.random() * 1000;
    const id = await remind(platform, 'cold', at);
    await sleep(at - LOOK_AHEAD_MS - Date.now(), undefined, { signal });
    const isCold = platform.running().length === 0;
    const told = await untilTold(platform, [id], signal);
    if (isCold) late.push(...told);
  }
  return late;
}

/** Writes a task with a reminder, as a client does; resolves to its id. */
async function remind({ apiUrl, token }: MeasuredPlatform, user: string, at: number): Promise<string> {
  const headers = { authorization: `Bearer ${await token(user)}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ title: 'Buy milk', reminders: [{ at: new Date(at).toISOString() }] });
  const response = await fetch(`${apiUrl}/tasks`, { method: 'POST', headers, body });
  if (response.status !== 201) throw new Error(`POST /tasks was answered with ${response.status}`);
  const { id } = (await response.json()) as { id: string };
  return id;
}

/**
 * Waits until each of these tasks has been reminded of; how late each was, in milliseconds: from the reminder's time to that
 * of its notification, which is when its event reached its function.
 * @throws where one came early, twice, or not at all
 */
async function untilTold({ sql }: MeasuredPlatform, ids: readonly string[], signal: AbortSignal): Promise<number[]> {
  const look = async () => {
    const [rows = []] = await runAs(
      sql,
      'system',
    )(sql`
      select count(n.id)::int as times,
             extract(epoch from min(n.created_at) - min(r.remind_at))::double precision * 1000 as ms
      from reminders r left join notifications n on n.task_id = r.task_id and n.kind = 'reminder.due'
      where r.task_id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)::uuid) group by r.task_id`);
    return rows.map(({ times, ms }) => ({ times: Number(times), ms: Number(ms) }));
  };
  const until = Date.now() + PATIENCE_MS;
  let told = await look();
  while (told.some(({ times }) => times === 0) && Date.now() < until) {
    await sleep(LOOK_MS, undefined, { signal });
    told = await look();
  }
  await sleep(AFTERMATH_MS, undefined, { signal });
  told = await look();
  const faults = {
    'not told of': told.filter(({ times }) => times === 0).length + ids.length - told.length,
    'told of twice': told.filter(({ times }) => times > 1).length,
    early: told.filter(({ times, ms }) => times > 0 && ms < 0).length,
  };
  const found = Object.entries(faults).flatMap(([fault, count]) => (count > 0 ? [`${count} ${fault}`] : []));
  if (found.length > 0) throw new Error(`of ${ids.length} reminders: ${found.join(', ')}`);
  return told.map(({ ms }) => ms);
}
