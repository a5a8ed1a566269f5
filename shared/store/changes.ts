import * as z from 'zod/mini';
import type { FeedCursor, FeedPosition, FeedState } from '../domain/changeFeed.ts';
import type { Row, Sql, Statement } from './database.ts';
import { taskColumns } from './tasks.ts';

/**
 * The user's tasks that changed behind a cursor, at most `limit`, in the order of the transactions that changed them,
 * beside the feed's state: at least one row, and one without a task where nothing changed. Both are of one snapshot, so
 * what a purge removed meanwhile is either still here or behind the horizon.
 *
 * Ids are given to transactions in order, but they commit out of order. Nothing at or above the oldest one that still
 * runs is shown yet; so nothing can come to stand in front of what was shown.
 */
export function selectChanges(sql: Sql, userId: string, limit: number, since: FeedCursor | null): Statement {
  const behind = since
    ? sql`and (t.changed_in, t.id) > (${String(since.position.changedIn)}::xid8, ${since.position.id}::uuid)`
    : sql``;
  const informedTo = since ? sql`${String(since.informedTo)}::xid8` : sql`feed.settled`;
  // Materialized: what it says is found once, and not for each row.
  return sql`
    with feed as materialized (
      select left(encode(sha256(convert_to(epoch || ${userId}::text, 'UTF8')), 'hex'), 32) as feed,
             changed_in as horizon, pg_snapshot_xmin(pg_current_snapshot()) as frontier,
             least(settled_in, pg_snapshot_xmin(pg_current_snapshot())) as settled
      from feed_horizon
    )
    select feed.feed, feed.horizon, feed.frontier, feed.settled, task.*
    from feed left join lateral (
      select t.changed_in, ${taskColumns(sql)} from tasks t
      where t.user_id = ${userId} ${behind} and t.changed_in < pg_snapshot_xmin(pg_current_snapshot())
        and (t.deleted_at is null or t.changed_in >= ${informedTo})
      order by t.changed_in, t.id limit ${limit}
    ) task on true
    order by task.changed_in, task.id`;
}

const transactionId = z.pipe(
  z.string(),
  z.transform((digits: string) => BigInt(digits)),
);
const stateRow = z.object({
  feed: z.string(),
  horizon: transactionId,
  frontier: transactionId,
  settled: transactionId,
});
const positionRow = z.object({ changed_in: transactionId, id: z.string() });

/** The feed's state, which stands in every row of `selectChanges`. */
export function toFeedState(row: Row | undefined): FeedState {
  return stateRow.parse(row);
}

/** The position of a row of `selectChanges` that holds a task. */
export function toFeedPosition(row: Row): FeedPosition {
  const { changed_in: changedIn, id } = positionRow.parse(row);
  return { changedIn, id };
}
