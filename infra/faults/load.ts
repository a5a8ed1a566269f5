import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Task } from '../../shared/domain/task.ts';
import { catalogue, type EventType } from '../../shared/events/catalogue.ts';
import { toCloudEvent } from '../../shared/events/event.ts';
import { mapConcurrently } from '../../shared/runtime/concurrency.ts';
import { type OutboxEvent, toOutboxEvent } from '../../shared/store/outbox.ts';
import type { Client } from './client.ts';
import type { Injector } from './injector.ts';
import type { Ledger } from './ledger.ts';
import { type Completion, isCompletion, type Step } from './plan.ts';
import { bodyOf, type PlannedTask } from './plannedTask.ts';
import { poisonEvent } from './poison.ts';
import { insistence } from './scripts/insistence.ts';
import { playScript } from './scripts/play.ts';
import type { RunSql, Target } from './target.ts';

export interface LoadOptions {
  steps: readonly Step[];
  /** Steps, and writes of scripts, per second, at most. */
  rate: number;
  client: Client;
  target: Target;
  ledger: Ledger;
  /** Types of the events that functions wait for. */
  consumedTypes: readonly EventType[];
  /** Decides when this step may be taken, and tells of hits that are not overcome. */
  injector: Pick<Injector, 'reach' | 'isUnderWay'>;
  onStep: (step: number) => void;
}

/** Requests under way at once: many users, but a system that is down must not be drowned when it comes back. */
const CONCURRENCY = 10;
/** Requests that complete the same task at once. */
const AT_ONCE = 3;
/** So many times slower is the load until a hit is overcome: it is to last until then, and not only to fail. */
const SLOWED = 5;

/** Takes every step of the plan, in its order but several at once. */
export async function runLoad(options: LoadOptions): Promise<void> {
  const { steps, rate, client, ledger, injector, onStep } = options;
  const insist = insistence(client, ledger);
  const acknowledged = new Map<number, Task>();
  const takeTurn = pace(() => (injector.isUnderWay() ? SLOWED : 1) * (1000 / rate));
  await mapConcurrently([...steps.entries()], CONCURRENCY, async ([index, step]) => {
    await injector.reach(index);
    await takeTurn();
    if (step.kind === 'script') {
      const created = await playScript(step, { send: client.send, insist, ledger, takeTurn });
      if (created) acknowledged.set(index, created);
    } else await takeStep(step, index, acknowledged, options);
    onStep(index);
  });
}

async function takeStep(
  step: Exclude<Step, { kind: 'script' }>,
  index: number,
  acknowledged: Map<number, Task>,
  options: LoadOptions,
): Promise<void> {
  const { client } = options;
  if (step.kind === 'copy') return copyEvent(step.recency, step.copies, options);
  if (step.kind === 'poison') return plantPoison(step, acknowledged.get(step.target)?.id ?? randomUUID(), options);
  if (!isCompletion(step.kind)) {
    const { kind, user, task } = step as Extract<Step, { task: PlannedTask }>;
    const created = await client.create(kind, user, bodyOf(task, new Date()));
    if (created) acknowledged.set(index, created);
    return;
  }
  const { kind, user, target, instead } = step as Extract<Step, { instead: PlannedTask }>;
  const task = acknowledged.get(target);
  if (task) await complete(client, kind, user, task.id);
  else await client.create('plain', user, bodyOf(instead, new Date()));
}

async function complete(client: Client, kind: Completion, user: string, taskId: string): Promise<void> {
  const once = () => client.complete(kind, user, taskId);
  if (kind === 'complete at once') await Promise.all(Array.from({ length: AT_ONCE }, once));
  else await once();
  if (kind === 'complete twice') await once();
}

async function copyEvent(recency: number, copies: number, { target, ledger }: LoadOptions): Promise<void> {
  const found = await publishedEvent(target.sql, recency).catch(() => undefined);
  if (!found) return;
  const { topic } = catalogue[found.event.event_type];
  const publish = () => target.publish(topic, toCloudEvent(found.event, found.origin), found.event.task_id);
  const outcomes = await Promise.allSettled(Array.from({ length: copies }, publish));
  for (const { status } of outcomes)
    ledger.count('copy of an event', status === 'fulfilled' ? 'acknowledged' : 'unknown');
  // Also where no copy is certain: one may be there.
  ledger.copiedEvents.push(found.event.event_id);
}

/** The event that was published `recency` events before the last one. */
async function publishedEvent(sql: RunSql, recency: number): Promise<OutboxEvent | undefined> {
  const [row] = await sql<{ row: string }>(
    `select (to_jsonb(o) || jsonb_build_object('seq', seq::text))::text as row
     from outbox o where published_at is not null order by seq desc offset $1 limit 1`,
    [recency],
  );
  if (!row) return undefined;
  const columns = JSON.parse(row.row) as { occurred_at: string };
  return toOutboxEvent({ ...columns, occurred_at: new Date(columns.occurred_at) });
}

async function plantPoison(
  { defect, topicChoice }: Extract<Step, { kind: 'poison' }>,
  taskId: string,
  { target, ledger, consumedTypes }: LoadOptions,
): Promise<void> {
  const type = consumedTypes[Math.floor(topicChoice * consumedTypes.length)] as EventType;
  const event = poisonEvent(type, defect, taskId);
  const { topic } = catalogue[type];
  const certain = await target.publish(topic, event, taskId).then(
    () => true,
    () => false,
  );
  ledger.poison.push({ id: event.id, certain });
  ledger.count('poison event', certain ? 'acknowledged' : 'unknown');
}

/** Lets callers go on one after the other, an interval (in ms) apart; what was missed is not made up for. */
function pace(interval: () => number): () => Promise<void> {
  let next = performance.now();
  return async () => {
    const now = performance.now();
    const turn = Math.max(now, next);
    next = turn + interval();
    await sleep(turn - now);
  };
}
