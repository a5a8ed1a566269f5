import { DomainError } from '../domain/errors.ts';
import {
  ADDRESSES_PER_USER,
  FLOATING_TASKS_PER_USER,
  OPEN_TASKS_PER_USER,
  SERIES_PER_USER,
  WEBHOOKS_PER_USER,
} from '../domain/limits.ts';
import type { Origin } from '../events/event.ts';
import { isStale, limitReached, type Row, type Run, type Sql, type Statement } from '../store/database.ts';
import { insertEvents, toWritten, type Written } from '../store/outbox.ts';
import type { Change } from './defineFunction.ts';
import type { Relay } from './relay.ts';
import type { WakeUpNeed } from './wakeUp.ts';

export interface CommitOptions {
  sql: Sql;
  run: Run;
  now: Date;
  /** Of the events written. */
  origin: Origin;
  relay: Relay;
  /** Takes work that goes on after the answer. */
  inBackground: (work: Promise<unknown>) => void;
  /** Sees to it that something is woken by then. */
  wakeUp: (need: WakeUpNeed) => Promise<void>;
}

/** Makes a change and writes its events in one transaction, and publishes them after it. See `Context.commit`. */
export async function commit(
  { statements, events = [], emitting = [] }: Change,
  { sql, run, now, origin, relay, inBackground, wakeUp }: CommitOptions,
): Promise<Row[][]> {
  const emits: Statement[] = [...emitting];
  if (events.length > 0) emits.push(insertEvents(sql, events, { origin, now }));
  const results = await run(...statements, ...emits).catch(refuse);
  const { events: written, heldUntil } = toWritten(results.splice(statements.length).flat());
  if (written.length > 0) inBackground(publishWritten(relay, written));
  if (heldUntil) inBackground(wakeUp({ due: heldUntil }));
  return results;
}

/**
 * Publishes the events that were written, in order. Those that are blocked go with what stands before them; if that was
 * published between this transaction's look at it and its commit, they are taken here.
 */
async function publishWritten(relay: Relay, events: Written['events']): Promise<void> {
  await relay.publish(
    events.filter(({ blocked }) => !blocked),
    { awaited: false },
  );
  const blockedTasks = events.filter(({ blocked }) => blocked).map(({ event }) => event.task_id);
  if (blockedTasks.length > 0) await relay.follow([...new Set(blockedTasks)]);
}

function refuse(error: unknown): never {
  if (isStale(error)) throw new DomainError('conflict', 'It changed while you were changing it. Read it again.');
  const limit = limitReached(error);
  if (limit === undefined) throw error;
  throw new DomainError('limit_reached', explanations[limit] ?? 'There is no room for more.');
}

/** What a user is told of a limit, by the name that its statement gives it. */
const explanations: Record<string, string> = {
  'open tasks': `You have ${OPEN_TASKS_PER_USER} open tasks, and there may be no more: complete or delete some first.`,
  'floating tasks': `You have ${FLOATING_TASKS_PER_USER} open tasks at floating times, and there may be no more.`,
  series: `You have ${SERIES_PER_USER} series that go on, and there may be no more: end some first.`,
  'calendar addresses': `You have ${ADDRESSES_PER_USER} calendar addresses, and there may be no more: delete one first.`,
  webhooks: `You have ${WEBHOOKS_PER_USER} webhooks, and there may be no more: delete one first.`,
};
