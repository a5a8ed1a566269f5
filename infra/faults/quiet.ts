import { setTimeout as sleep } from 'node:timers/promises';
import type { Evidence } from './checks/check.ts';
import { LONGEST_WAIT_SECONDS } from './plannedTask.ts';
import type { Target } from './target.ts';

/** What is still to come, and what has come so far. */
interface Progress {
  unpublished: number;
  unhandled: number;
  /** Reminders and series whose time comes within the run. */
  due: number;
  lag: number;
  /** Poison events that are not in the dead letters yet. */
  undelivered: number;
  /** Everything that functions have written. */
  effects: number;
}

/** As long as an event can be retried before it is given up (about three and a half minutes), and then some. */
const PATIENCE_MS = 300_000;
const LOOK_MS = 1_000;
/** Nothing changes for longer than the crons take to come round. */
const QUIET_MS = 5_000;

/**
 * Waits until nothing is left to do and nothing has changed for some seconds. Resolves to what was left when patience
 * ended, or to nothing when all was quiet.
 */
export async function untilQuiet(
  { sql, lag, deadLetters }: Pick<Target, 'sql' | 'lag' | 'deadLetters'>,
  { ledger, subscribers }: Pick<Evidence, 'ledger' | 'subscribers'>,
): Promise<string | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  let quietSince = performance.now();
  let before = -1;
  let left = 'everything';
  for (;;) {
    try {
      const progress = { ...(await counted()), lag: (await lag()) ?? 0, undelivered: await undelivered() };
      const { effects, ...open } = progress;
      left = Object.entries(open)
        .flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
        .join(', ');
      if (left || effects !== before) quietSince = performance.now();
      before = effects;
    } catch (error) {
      left = (error as Error).message;
      quietSince = performance.now();
    }
    if (!left && performance.now() - quietSince >= QUIET_MS) return undefined;
    if (performance.now() > deadline) return left || 'notifications were still being written';
    await sleep(LOOK_MS);
  }

  async function counted(): Promise<Omit<Progress, 'lag' | 'undelivered'>> {
    const [row] = await sql<{ counts: string }>(
      `select json_build_object(
         'unpublished', (select count(*) from outbox where published_at is null),
         'unhandled', (select count(*) from outbox o
                       join jsonb_to_recordset($1::jsonb) as s (type text, function text) on s.type = o.event_type
                       where not exists (select from inbox i where i.function = s.function and i.event_id = o.event_id)),
         'due', (select count(*) from reminders where status = 'pending'
                   and remind_at < now() + interval '${2 * LONGEST_WAIT_SECONDS} s')
                + (select count(*) from series where create_at <= now()),
         'effects', (select count(*) from notifications) + (select count(*) from inbox) + (select count(*) from outbox)
       )::text as counts`,
      [JSON.stringify(subscribers)],
    );
    return JSON.parse(row?.counts ?? '{}') as Omit<Progress, 'lag' | 'undelivered'>;
  }

  async function undelivered(): Promise<number> {
    const certain = ledger.poison.filter((poison) => poison.certain);
    if (certain.length === 0) return 0;
    const dead = await deadLetters();
    return certain.filter(({ id }) => !dead.has(id)).length;
  }
}
