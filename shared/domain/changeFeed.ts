import * as z from 'zod/mini';
import { DomainError } from './errors.ts';
import { type Task, taskSchema } from './task.ts';

/** What a client does to its copy: keep a task as it is now, or drop one. */
export const changeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('task'), task: taskSchema }),
  z.object({
    type: z.literal('task.deleted'),
    id: z.uuid(),
    deletedAt: z.iso.datetime(),
    version: z.int().check(z.positive()),
  }),
]);

/** A part of the feed. `next` is the cursor to go on with, at once where there is `more`, later where there is not. */
export const changesSchema = z.object({ changes: z.array(changeSchema), next: z.string(), more: z.boolean() });

export type Change = z.output<typeof changeSchema>;

/** A place in a feed, behind one change: the transaction that made it, and the id of what it changed. */
export interface FeedPosition {
  changedIn: bigint;
  id: string;
}

/** How far a client has read a feed. */
export interface FeedCursor {
  /** Which feed: one user's, in one history of one database. */
  feed: string;
  position: FeedPosition;
  /** Deletions by transactions before this one are no news to the client: it read them, or began after them. */
  informedTo: bigint;
}

/** How far a feed reaches, at the moment of a read. */
export interface FeedState {
  feed: string;
  /** Deletions up to this transaction may have been forgotten. */
  horizon: bigint;
  /** The oldest transaction that is still running: it and those after it are not shown yet. */
  frontier: bigint;
  /** Everything before this transaction is shown, and will be after any crash. */
  settled: bigint;
}

/** In front of every change: Postgres gives no transaction the id 0. */
const BEGINNING: FeedPosition = { changedIn: 0n, id: '00000000-0000-0000-0000-000000000000' };

/** The cursor of a client that has nothing yet, and so need not hear of deletions before now. */
export function beginningOf({ feed, settled }: FeedState): FeedCursor {
  return { feed, position: BEGINNING, informedTo: settled };
}

/**
 * The cursor behind a read that began at `since` and ended with `last`, or that found nothing. Its position is always
 * that of a change that was seen, never the frontier: ids below that one can be given again after a crash.
 */
export function advance(
  since: FeedCursor,
  { feed, settled }: FeedState,
  { last, more }: { last: FeedPosition | undefined; more: boolean },
): FeedCursor {
  return { feed, position: last ?? since.position, informedTo: more ? since.informedTo : settled };
}

/**
 * Throws `gone` where a client may have missed a deletion that is forgotten by now, or where its cursor is another
 * feed's or from a future that this database has not had.
 */
export function requireKnown({ feed, position, informedTo }: FeedCursor, state: FeedState): void {
  // A transaction that deletes several tasks may stand on both sides of a position; so its own id is not enough.
  const remembered = position.changedIn > state.horizon || informedTo > state.horizon;
  const possible = position.changedIn < state.frontier && informedTo <= state.frontier;
  if (feed === state.feed && remembered && possible) return;
  throw new DomainError(
    'gone',
    'What has changed since this cursor is no longer known. Drop what you have and read everything anew, without "since".',
  );
}

/** What the feed tells of a task. */
export function changeOf(task: Task): Change {
  const { id, deletedAt, version } = task;
  return deletedAt === null ? { type: 'task', task } : { type: 'task.deleted', id, deletedAt, version };
}
