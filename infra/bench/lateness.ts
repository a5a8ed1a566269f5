import { setTimeout as sleep } from 'node:timers/promises';
import { runAs, type Sql } from '../../shared/store/database.ts';
import { type Figure, type MeasureOptions, type Row, row } from './figure.ts';
import { type Parts, withPlatform } from './platform.ts';
import { quantileOf, summarise } from './statistics.ts';

const FULL = { reminders: 10_000, seconds: 60 };
const SHORT = { reminders: 30, seconds: 3 };
/** Time to write them all before the first is due. */
const AHEAD_MS = { full: 20_000, short: 5_000 };
/** Rows of one statement: one that is longer would meet the driver's time limit. */
const CHUNK = 500;
/** Reminders are looked for every second: a second until then, and one more. */
const GOAL_MS = 2000;
const PATIENCE_MS = 120_000;

/** How late reminders are where very many are due: from the time that was asked for to their notification. */
export const latenessFigure: Figure = {
  name: 'lateness',
  summary: 'how late a reminder is where 10,000 are due within a minute, looked for every second, embedded',
  measure: (options) => measureLateness('embedded', options),
};

/** The same with Kafka and daprd. */
export const latenessRealFigure: Figure = {
  name: 'latenessReal',
  summary: 'the same on Kafka, daprd and Postgres',
  onRealParts: true,
  measure: (options) => measureLateness('real', options),
};

function measureLateness(parts: Parts, { short, onProgress, signal }: MeasureOptions): Promise<Row[]> {
  const { reminders, seconds } = short ? SHORT : FULL;
  return withPlatform(
    parts,
    async ({ sql }) => {
      onProgress(`writing ${reminders} reminders`);
      const from = new Date(Date.now() + AHEAD_MS[short ? 'short' : 'full']);
      for (let first = 0; first < reminders; first += CHUNK) {
        await write(sql, { first, count: Math.min(CHUNK, reminders - first), from, apart: seconds / reminders });
      }
      onProgress(`waiting until ${reminders} reminders are told of`);
      const until = from.getTime() + seconds * 1000 + PATIENCE_MS;
      let told = 0;
      while (told < reminders && Date.now() < until) {
        signal.throwIfAborted();
        await sleep(short ? 200 : 2000);
        told = await countTold(sql);
      }
      const late = await latenessOf(sql);
      const of = (fraction: number) => summarise([quantileOf(late, fraction)]);
      // What was not told of counts as told of now: it is later than that.
      const untold = told < reminders ? `, ${reminders - told} of them not told of yet` : '';
      const subject = `${reminders} reminders within ${seconds} s, ${parts} parts${untold}`;
      return [
        row(`${subject}: p50`, { unit: 'ms', measured: of(0.5) }),
        row(`${subject}: p99`, { unit: 'ms', measured: of(0.99), goal: GOAL_MS }),
      ];
    },
    onProgress,
  );
}

interface Chunk {
  first: number;
  count: number;
  /** When the first of all is due, and how many seconds lie between two. */
  from: Date;
  apart: number;
}

/** Writes open tasks of as many users, each with a reminder, past every function. */
async function write(sql: Sql, { first, count, from, apart }: Chunk): Promise<void> {
  await runAs(
    sql,
    'system',
  )(sql`
    with numbers as (
      select gen_random_uuid() as id, 'user-' || i as user_id,
             ${from}::timestamptz + i * ${apart}::double precision * interval '1 second' as at
      from generate_series(${first}::int, ${first + count - 1}::int) i
    ), written as (
      insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
      select id, user_id, 'Buy milk', 'medium', 'open', now(), now() from numbers returning id
    )
    insert into reminders (id, task_id, user_id, spec, remind_at, status)
    select gen_random_uuid(), n.id, n.user_id, jsonb_build_object('at', n.at), n.at, 'pending'
    from numbers n join written w on w.id = n.id`);
}

async function countTold(sql: Sql): Promise<number> {
  const [[row] = []] = await runAs(
    sql,
    'system',
  )(sql`
    select count(*)::int as told from notifications where kind = 'reminder.due'`);
  return Number(row?.told);
}

/** How late each reminder is, in milliseconds. */
async function latenessOf(sql: Sql): Promise<number[]> {
  const [rows = []] = await runAs(
    sql,
    'system',
  )(sql`
    select extract(epoch from coalesce(n.created_at, now()) - r.remind_at)::double precision * 1000 as ms
    from reminders r left join notifications n on n.task_id = r.task_id and n.kind = 'reminder.due'`);
  return rows.map(({ ms }) => Number(ms));
}
