import recurringCron from '../../functions/recurringCron/recurringCron.ts';
import reminderCron from '../../functions/reminderCron/reminderCron.ts';
import type { FunctionDefinition } from '../../shared/runtime/defineFunction.ts';
import { type TestPlatform, testPlatform } from '../testing/testApp.ts';
import { alternate } from './alternate.ts';
import { type Figure, row } from './figure.ts';
import { backendsComputing, withServer } from './server.ts';
import { summarise } from './statistics.ts';

/** Of series and of reminders, how many are not due, and how many are at each tick. */
const FULL = { sizes: [10_000, 100_000, 1_000_000], due: 1000 };
const SHORT = { sizes: [500, 5000], due: 50 };
/** Each run makes a thousand instances on each size, which takes seconds. */
const MOST_RUNS = 3;
/** Room for all of a million, so that a tick of them reads nothing from outside of Postgres's memory. */
const SETTINGS = { shared_buffers: '2GB' };
const HOUR_MS = 60 * 60 * 1000;
const START = Date.parse('2027-01-01T00:00:00Z');

const crons = [
  { definition: recurringCron, of: 'series', events: 2 },
  { definition: reminderCron, of: 'reminders', events: 1 },
] as const;

/** What a tick took, and what Postgres computed for it, in milliseconds: the latter whatever else the machine does. */
interface Tick {
  wall: number;
  computing: number;
}

interface Population {
  size: number;
  platform: TestPlatform;
}

/** Whether a tick costs what is due at it, and not what there is: of the crons themselves, on Postgres. */
export const cronClaimFigure: Figure = {
  name: 'cronClaim',
  summary: 'a tick with 1,000 due among 10 thousand, 100 thousand and 1 million series and reminders, beside the first',
  async measure({ runs: wanted, short, onProgress, signal }) {
    const { sizes, due } = short ? SHORT : FULL;
    const runs = Math.min(wanted, MOST_RUNS);
    return withServer(async (serverUrl) => {
      const populations: Population[] = [];
      try {
        for (const size of sizes) {
          signal.throwIfAborted();
          onProgress(`writing ${size} series and reminders`);
          const platform = await testPlatform({ serverUrl });
          populations.push({ size, platform });
          await fill(platform, { size, due, ticks: runs + 1 });
        }
        const contenders = crons.flatMap(({ definition, of, events }) =>
          populations.map(({ size, platform }) => ({
            name: `${size} ${of}`,
            run: ticking(platform, definition, events * due),
          })),
        );
        const measured = await alternate(contenders, { runs, onProgress, signal });
        return crons.flatMap(({ definition, of }) => {
          const [first = 0, ...others] = sizes;
          return (['wall', 'computing'] as const).flatMap((what) => {
            const summaryOf = (size: number) =>
              summarise((measured.get(`${size} ${of}`) ?? []).map((run) => run[what]));
            const subject = (size: number) => {
              return `${definition.name}, ${due} due among ${size} ${of}${what === 'computing' ? ": Postgres's computing" : ''}`;
            };
            const yardstick = summaryOf(first);
            return [
              row(subject(first), { unit: 'ms', measured: yardstick }),
              ...others.map((size) =>
                row(subject(size), { unit: 'ms', measured: summaryOf(size), yardstick, goal: 1.2 }),
              ),
            ];
          });
        });
      } finally {
        for (const { platform } of populations) await platform.close();
      }
    }, SETTINGS);
  },
};

/** A tick an hour, each with what has become due since, which comes to so many events. */
function ticking(platform: TestPlatform, definition: FunctionDefinition, events: number): () => Promise<Tick> {
  let hour = 0;
  return async () => {
    // Made anew each time: Neon's driver has one endpoint at a time in a process.
    const app = platform.app(definition);
    platform.now = new Date(START + hour * HOUR_MS);
    hour += 1;
    platform.published.length = 0;
    const computed = await backendsComputing(platform.database);
    const started = performance.now();
    const { status } = await app.tick();
    const wall = performance.now() - started;
    const computing = await computed();
    if (status !== 200 || platform.published.length !== events) {
      const errors = platform.logged.filter(({ level }) => level === 'error').map(({ error }) => error);
      throw new Error(`${definition.name} published ${platform.published.length} of ${events} events: ${errors[0]}`);
    }
    return { wall, computing };
  };
}

/**
 * Writes series, tasks and reminders, past every function: `due` of them become due before each of the ticks, which come
 * every hour; those besides in three years.
 */
async function fill({ database }: TestPlatform, options: { size: number; due: number; ticks: number }): Promise<void> {
  const { size, due, ticks } = options;
  const rows = `
    select i, 'user-' || i % 100000 as user_id,
           case when i < ${due * ticks}
                then ${wall} + (i / ${due}) * interval '1 hour' - interval '30 minutes' + (i % ${due}) * interval '1 second'
                else ${wall} + interval '3 years' + i * interval '1 second' end as at
    from generate_series(0, ${size + due * ticks - 1}) i`;
  await database.query(`
    insert into series (id, user_id, template, rule, start_local, time_zone, overflow, gap, mode, missed, overlap, state,
                        next_local, next_at, create_at, lead_ms, created_at, updated_at)
    select gen_random_uuid(), user_id,
           '{"title": "Water the plants", "description": null, "priority": "medium", "tags": [], "reminders": []}',
           'FREQ=DAILY', local, 'UTC', 'clamp', 'shift', 'fixed', 'latest', 'single_open', 'active',
           local, at at time zone 'UTC', at at time zone 'UTC', 0, '2026-11-28', '2026-11-28'
    from (select *, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS') as local from (${rows}) r) r`);
  const taskId = `md5('task ' || i)::uuid`;
  await database.query(`
    insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
    select ${taskId}, user_id, 'Task ' || i, 'medium', 'open', '2026-11-28', '2026-11-28' from (${rows}) r`);
  await database.query(`
    insert into reminders (id, task_id, user_id, spec, remind_at, status)
    select gen_random_uuid(), ${taskId}, user_id, jsonb_build_object('at', at at time zone 'UTC'), at at time zone 'UTC', 'pending'
    from (${rows}) r`);
  // As a server does by itself, sooner or later.
  await database.query('vacuum analyze');
}

const wall = `timestamp '${new Date(START).toISOString().slice(0, 19)}'`;
