import { expect } from 'vitest';
import type { Change } from '../../shared/domain/changeFeed.ts';
import type { Task } from '../../shared/domain/task.ts';
import type { TestDatabase } from './database.ts';
import type { TestApp } from './testApp.ts';

/** What `GET /changes` answers. */
export interface Changes {
  changes: Change[];
  next: string;
  more: boolean;
}

/**
 * Waits until the feed shows everything that is written by now: transactions in other databases of the same server have
 * ids of the same sequence, and hold it up while they run.
 */
export async function untilShown(database: TestDatabase): Promise<void> {
  const [now] = await database.query('select pg_snapshot_xmax(pg_current_snapshot())::text as next');
  const shown = 'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as shown';
  await expect.poll(() => database.query(shown, [now?.next]), { timeout: 20_000 }).toEqual([{ shown: true }]);
}

/** A client's copy of a user's tasks, kept up to date by the feed. */
export interface Replica {
  tasks: Map<string, Task>;
  /** Every change that came, in order. */
  seen: Change[];
  /** Reads what there is, a page at a time, and resolves to the answers. */
  poll(): Promise<Changes[]>;
}

/** Makes an empty copy; `app` is listChanges. */
export function emptyReplica(app: TestApp, userId: string, limit: number): Replica {
  const replica: Replica = { tasks: new Map(), seen: [], poll };
  let cursor: string | undefined;

  async function poll(): Promise<Changes[]> {
    const answers: Changes[] = [];
    for (;;) {
      const since: string = cursor === undefined ? '' : `&since=${cursor}`;
      const { status, body } = await app.call<Changes>(userId, `/changes?limit=${limit}${since}`);
      if (status !== 200) throw new Error(`the feed answered ${status}: ${JSON.stringify(body)}`);
      for (const change of body.changes) apply(replica.tasks, change);
      replica.seen.push(...body.changes);
      answers.push(body);
      cursor = body.next;
      if (!body.more) return answers;
    }
  }
  return replica;
}

function apply(tasks: Map<string, Task>, change: Change): void {
  if (change.type === 'task') tasks.set(change.task.id, change.task);
  else tasks.delete(change.id);
}
