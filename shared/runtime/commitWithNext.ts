import { randomUUID } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { TaskEvent } from '../events/event.ts';
import { makeInstances } from '../store/instances.ts';
import { selectSeriesIfDue, toSeries } from '../store/series.ts';
import type { Change, Context } from './defineFunction.ts';

/**
 * Commits what an event of a task that is done or deleted comes to, together with the next instance of its series, where
 * that is due to be made: nobody waits for the cron. Where somebody else made it, or it cannot be made now, the event
 * takes effect all the same, and the rest is left to the cron.
 */
export async function commitWithNext(
  event: TaskEvent<'task.completed' | 'task.deleted'>,
  change: Change,
  context: Context,
): Promise<unknown> {
  const { commit } = context;
  const next = await nextOf(event, context);
  if (!next) return commit(change);
  try {
    return await commit({ ...change, ...next, statements: [...change.statements, ...next.statements] });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return commit(change);
  }
}

/** The making of the next instances, if it is time. */
async function nextOf(
  { user_id, data: { series_id } }: TaskEvent<'task.completed' | 'task.deleted'>,
  { sql, read, now, log }: Context,
): Promise<Change | undefined> {
  if (series_id === null) return undefined;
  const [[row] = []] = await read(selectSeriesIfDue(sql, user_id, series_id, now));
  try {
    return row && (await makeInstances(sql, toSeries(row), { newId: randomUUID, now }));
  } catch (error) {
    log('error', { outcome: 'series-failed', series: series_id, error });
    return undefined;
  }
}
