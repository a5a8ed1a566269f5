import type { Run, Sql } from '../store/database.ts';
import { type NextDue, selectNextDue, toNextDue } from '../store/wakeUps.ts';
import type { Jobs } from './jobs.ts';
import type { Log } from './log.ts';
import { WAKE_UP, type WakeUpNeed } from './wakeUp.ts';

/** Tries of the woken function, until it has done its work: what keeps it from that is mended by somebody sooner or later. */
const RETRY_MS = 5_000;
/** Each round needs somebody who writes something yet more urgent in the milliseconds of the one before. */
const ROUNDS = 5;

export interface WakeUpOptions {
  sql: Sql;
  /** On the system's behalf: what comes due next may be anybody's. */
  run: Run;
  jobs: Jobs;
  clock: () => Date;
  log: Log;
}

/**
 * Sees to it that the job comes when the earliest of all that waits is due: reads when that is, sets the job, and reads
 * again. Whoever is last to set it has looked after that, and seen what everybody before wrote: so however many do it at
 * once, the job is there for the earliest in the end.
 *
 * With `apartMs` it may come so much later. Never rejects: where the job can't be set, the cron that sweeps finds what is
 * due, later.
 */
export async function seeToWakeUp(
  { sql, run, jobs, clock, log }: WakeUpOptions,
  { due, apartMs = 1 }: WakeUpNeed,
): Promise<void> {
  const notBefore = clock().getTime() + apartMs;
  const readNext = async (): Promise<NextDue> => {
    const [rows] = await run(selectNextDue(sql, clock()));
    return toNextDue(rows?.[0]);
  };
  try {
    let next = await readNext();
    const { abandoned: _, ...seenTo } = next;
    const first = earliest(seenTo);
    if (due && first && first < due) return;
    let set: number | undefined;
    for (let round = 0; round < ROUNDS; round += 1) {
      const comes = earliest(next);
      const wakeAt = comes && Math.max(comes.getTime(), notBefore);
      if (!wakeAt || wakeAt === set) return;
      // From now, not a moment: the scheduler's clock may differ from that by which the woken function looks.
      const inMs = Math.max(1, wakeAt - clock().getTime());
      await jobs.schedule(WAKE_UP, { due: inMs, overwrite: true, onFailure: { retryAfterMs: RETRY_MS } });
      set = wakeAt;
      next = await readNext();
    }
  } catch (error) {
    log('warn', { outcome: 'no-wake-up', error });
  }
}

function earliest(times: Partial<NextDue>): Date | null {
  const waiting = Object.values(times).filter((time) => time !== null);
  return waiting.length > 0 ? new Date(Math.min(...waiting.map((time) => time.getTime()))) : null;
}
