import { DomainError } from '../domain/errors.ts';
import { isStale, type Row, type Sql, type Statement } from '../store/database.ts';
import { insertEvents, toOutboxEvent } from '../store/outbox.ts';
import type { Change } from './defineFunction.ts';
import type { Relay } from './relay.ts';

export interface CommitOptions {
  sql: Sql;
  now: Date;
  /** CloudEvents `source` of the events written. */
  source: string;
  /** Undefined for a function that emits nothing. */
  relay: Relay | undefined;
  /** Takes work that goes on after the answer. */
  inBackground: (work: Promise<unknown>) => void;
}

/** Makes a change and writes its events in one transaction, and publishes them after it. See `Context.commit`. */
export async function commit(
  { statements, events = [] }: Change,
  { sql, now, source, relay, inBackground }: CommitOptions,
): Promise<Row[][]> {
  const batch: Statement[] = [...statements];
  if (events.length > 0) {
    if (!relay) throw new Error(`${source} writes events, but its definition lists none in "emits"`);
    batch.push(insertEvents(sql, events, { source, now }));
  }
  const results = (await sql.transaction(batch).catch(refuseStale)) as Row[][];
  if (events.length > 0) {
    const written = results.pop() ?? [];
    const publishable = written.filter((row) => !row.blocked).map(toOutboxEvent);
    if (publishable.length > 0) inBackground(relay?.(publishable, now) ?? Promise.resolve());
  }
  return results;
}

function refuseStale(error: unknown): never {
  if (isStale(error)) throw new DomainError('conflict', 'It changed while you were changing it. Read it again.');
  throw error;
}
