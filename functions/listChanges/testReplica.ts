import type { TestApp } from '../../infra/testing/testApp.ts';
import type { Change } from '../../shared/domain/changeFeed.ts';
import type { Task } from '../../shared/domain/task.ts';

/** What `GET /changes` answers. */
export interface Changes {
  changes: Change[];
  next: string;
  more: boolean;
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
