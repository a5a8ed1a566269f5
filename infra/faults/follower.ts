import { setTimeout as sleep } from 'node:timers/promises';
import { changesSchema } from '../../shared/domain/changeFeed.ts';
import type { Task } from '../../shared/domain/task.ts';
import { parseJson } from '../../shared/events/json.ts';
import type { Client } from './client.ts';
import type { Ledger } from './ledger.ts';

/** Clients that follow the change feed while the load runs, each with its copy of a user's tasks. */
export interface Follower {
  /** Reads what is left, from every cursor that was kept, and once from the start; notes the copies in the ledger. */
  finish(): Promise<void>;
  /** Ends the reading, where the run ends before its time. */
  stop(): void;
}

/** A client's place in the feed, and what it has. */
interface Reader {
  since: string;
  cursor: string | undefined;
  copy: Map<string, Task>;
}

const PAGE = 20;
/** Between two reads: longer than an idle function lives now and then. */
const PAUSE_MS = [500, 4_000] as const;
/** The cursors that are kept for the end: of this read, and of twice as many, and so on, however long the run is. */
const FIRST_KEPT = 4;
/** Reads at the end, while everything runs, may fail this often. */
const FAILURES = 20;

/** Begins to follow the feeds of some users. */
export function followChanges(
  userIds: readonly string[],
  {
    client,
    ledger,
    pauseMs = PAUSE_MS,
  }: { client: Pick<Client, 'send'>; ledger: Ledger; pauseMs?: readonly [number, number] },
): Follower {
  const stopped = new AbortController();
  const followings = userIds.map((userId) => ({
    userId,
    kept: [] as Reader[],
    reader: readerAt('the start, read on'),
  }));
  const loops = followings.map(follow);

  async function follow({ userId, kept, reader }: (typeof followings)[number]): Promise<void> {
    for (let read = 1; !stopped.signal.aborted; read += 1) {
      const more = await readPage(userId, reader);
      if (read === FIRST_KEPT * 2 ** kept.length) {
        kept.push({ since: `read ${read}`, cursor: reader.cursor, copy: new Map(reader.copy) });
      }
      const [least, most] = pauseMs;
      const pause = least + Math.random() * (most - least);
      if (!more) await sleep(pause, undefined, { signal: stopped.signal }).catch(() => {});
    }
  }

  /** Whether there is more; undefined where nothing was read. What contradicts earlier reads is noted. */
  async function readPage(userId: string, reader: Reader): Promise<boolean | undefined> {
    const since = reader.cursor === undefined ? '' : `&since=${encodeURIComponent(reader.cursor)}`;
    const answer = await client.send(userId, { method: 'GET', path: `/changes?limit=${PAGE}${since}` });
    const page = answer?.status === 200 ? changesSchema.safeParse(parseJson(answer.text)).data : undefined;
    if (!page) {
      const isCertain = answer !== undefined && answer.status < 500;
      if (isCertain) ledger.contradictions.push(`GET /changes of ${userId}: ${answer.status} ${answer.text}`);
      ledger.count('changes', isCertain ? 'refused' : 'unknown');
      return undefined;
    }
    ledger.count('changes', 'acknowledged');
    for (const change of page.changes) {
      const [id, version] =
        change.type === 'task' ? [change.task.id, change.task.version] : [change.id, change.version];
      const known = reader.copy.get(id)?.version ?? 0;
      if (version < known)
        ledger.contradictions.push(`the feed of ${userId} goes back from ${known} to ${version}: ${id}`);
      if (change.type === 'task') reader.copy.set(id, change.task);
      else reader.copy.delete(id);
    }
    reader.cursor = page.next;
    return page.more;
  }

  async function readToEnd(userId: string, reader: Reader): Promise<void> {
    let failures = 0;
    for (let more: boolean | undefined = true; more !== false; ) {
      more = await readPage(userId, reader);
      if (more === undefined) {
        failures += 1;
        if (failures === FAILURES) return void ledger.contradictions.push(`the feed of ${userId} can not be read`);
        await sleep(pauseMs[0]);
      }
    }
  }

  const stop = () => stopped.abort();
  return {
    stop,
    async finish() {
      stop();
      await Promise.all(loops);
      for (const { userId, kept, reader } of followings) {
        for (const each of [reader, ...kept, readerAt('the start, read at the end')]) {
          await readToEnd(userId, each);
          ledger.copies.push({ userId, since: each.since, tasks: [...each.copy.values()] });
        }
      }
    },
  };
}

function readerAt(since: string): Reader {
  return { since, cursor: undefined, copy: new Map() };
}
