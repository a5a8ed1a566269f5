import { type CloudEvent, toCloudEvent } from '../events/event.ts';
import type { Publisher } from '../events/publisher.ts';
import type { Run, Sql } from '../store/database.ts';
import { claimEvents, markPublished, type OutboxEvent, retryLater, toOutboxEvent, toRetry } from '../store/outbox.ts';
import { mapConcurrently, together } from './concurrency.ts';
import type { Log } from './log.ts';
import type { Measure } from './telemetry.ts';
import type { WakeUpNeed } from './wakeUp.ts';

/** Requests under way at once: enough to hide the broker's latency, few enough not to flood a sidecar. */
const CONCURRENCY = 4;
/** Entries of one bulk request: beyond it a request only gets longer, not cheaper per event. */
const BULK_EVENTS = 500;
/** UTF-16 code units of one bulk request's events, at most three bytes each: Dapr refuses a body of more than 4 MiB. */
const BULK_LENGTH = 1024 * 1024;

/**
 * Whoever publishes takes along what others left behind, their processes dead or their sidecar away: at the first time in
 * a process, and then so often, in milliseconds, and at most so many events at once.
 */
const TAKE_ALONG_MS = 10_000;
const TAKEN_ALONG = 100;

/** Publishes what is in the outbox, and records it; what fails stays there, and is seen to by a wake-up. */
export interface Relay {
  /**
   * Publishes these events, and what of their tasks waits behind them, and now and then what others left. Resolves to how
   * many were published. What is not `awaited` shares requests with what comes meanwhile, and is recorded together with
   * what is published in the next moment.
   */
  publish(events: readonly OutboxEvent[], options?: { awaited: boolean }): Promise<number>;
  /** Publishes what of these tasks nobody is at work on. */
  follow(taskIds: readonly string[]): Promise<number>;
}

export interface RelayOptions {
  sql: Sql;
  /** On the system's behalf: the outbox is no user's. */
  run: Run;
  publisher: Publisher;
  clock: () => Date;
  log: Log;
  measure: Measure;
  /** Resolves when what nobody waits for has waited for others long enough. */
  company: () => Promise<void>;
  /** Sees to it that something is woken by then which publishes what failed. */
  wakeUp: (need: WakeUpNeed) => Promise<void>;
}

/** An event of the outbox in the envelope that it is published in. */
interface Parcel {
  seq: string;
  taskId: string;
  envelope: CloudEvent;
}

/** What a round came to: the events that the broker has, and the tasks of which it was the last that is known here. */
interface Settled {
  published: readonly Parcel[];
  through: readonly string[];
}

/**
 * A relay that keeps order per task: an event is published once the one before it is, and one that fails holds up those
 * behind it, but no other task's. So it goes in rounds, each with at most one event of a task.
 */
export function createRelay(options: RelayOptions): Relay {
  const { sql, run, publisher, clock, log, measure, company, wakeUp } = options;
  let tookAlongAt = Number.NEGATIVE_INFINITY;
  /** The statement that claims what others left, where it is time for that. */
  const takeAlong = (now: Date) => {
    if (now.getTime() - tookAlongAt < TAKE_ALONG_MS) return [];
    tookAlongAt = now.getTime();
    return [claimEvents(sql, now, TAKEN_ALONG)];
  };

  /** Publishes events of different tasks; returns those that the broker has. */
  const publishRound = async (round: readonly Parcel[]): Promise<ReadonlySet<Parcel>> => {
    const results = await mapConcurrently(bulksOf(round), CONCURRENCY, async (bulk) => {
      const failures = await publishTogether(publisher, bulk);
      for (const [{ id, type }, error] of failures) log('warn', { outcome: 'unpublished', event: id, type, error });
      const published = bulk.filter(({ envelope }) => !failures.has(envelope));
      const type = { 'event.type': bulk[0]?.envelope.type ?? '' };
      if (published.length > 0) measure('evolution_todo.events.published', published.length, type);
      if (failures.size > 0) measure('evolution_todo.events.unpublished', failures.size, type);
      return published;
    });
    return new Set(results.flat());
  };

  /** Does so for all who come while a request is under way. Resolves to what the broker has of all of them. */
  const publishWithOthers = together((rounds: readonly (readonly Parcel[])[]) => publishRound(rounds.flat()));

  /**
   * Records that events are published, those of all who publish at the moment in one transaction, and claims what follows:
   * whatever else was written of their tasks that are through, and was left alone because of them; and what others left.
   */
  const settle = together(async (rounds: readonly Settled[]) => {
    const seqs = rounds.flatMap(({ published }) => seqsOf(published));
    const through = rounds.flatMap((round) => round.through);
    const now = clock();
    const [, ...claimed] = await run(
      markPublished(sql, seqs, now),
      claimEvents(sql, now, through.length, through),
      ...takeAlong(now),
    );
    return claimed.flat().map(toOutboxEvent).map(toParcel);
  }, company);

  const publishAll = async (events: readonly OutboxEvent[], { awaited } = { awaited: true }): Promise<number> => {
    let total = 0;
    let patient = !awaited;
    let waiting = events.map(toParcel);
    while (waiting.length > 0) {
      const heads = headsOf(waiting);
      const done = awaited ? await publishRound(heads) : (await publishWithOthers(heads)).result;
      const published = heads.filter((parcel) => done.has(parcel));
      const failed = heads.filter((parcel) => !done.has(parcel));
      if (failed.length > 0) {
        const [retried] = await run(retryLater(sql, seqsOf(failed), clock()));
        const retryAt = toRetry(retried);
        if (retryAt) await wakeUp({ due: retryAt });
      }
      if (published.length === 0) break;
      total += published.length;
      const tasks = new Set(published.map(({ taskId }) => taskId));
      const rest = waiting.filter((parcel) => tasks.has(parcel.taskId) && !done.has(parcel));
      for (const { taskId } of rest) tasks.delete(taskId);
      // What stands behind goes on its way once this is recorded.
      const settled = await settle({ published, through: [...tasks] }, { patient: patient && rest.length === 0 });
      const claimed = settled.first ? settled.result : [];
      if (claimed.length > 0) patient = false;
      const known = new Set(seqsOf(rest));
      waiting = [...rest, ...claimed.filter(({ seq }) => !known.has(seq))];
    }
    return total;
  };

  return {
    publish: publishAll,
    async follow(taskIds) {
      const [heads] = await run(claimEvents(sql, clock(), taskIds.length, taskIds));
      return publishAll((heads ?? []).map(toOutboxEvent));
    },
  };
}

function toParcel({ seq, event, origin }: OutboxEvent): Parcel {
  return { seq, taskId: event.task_id, envelope: toCloudEvent(event, origin) };
}

function seqsOf(parcels: readonly Parcel[]): string[] {
  return parcels.map(({ seq }) => seq);
}

/** The first event of each task. */
function headsOf(parcels: readonly Parcel[]): Parcel[] {
  const heads = new Map<string, Parcel>();
  for (const parcel of parcels) if (!heads.has(parcel.taskId)) heads.set(parcel.taskId, parcel);
  return [...heads.values()];
}

/** Groups events into requests: each of one topic, and bounded. */
function bulksOf(parcels: readonly Parcel[]): Parcel[][] {
  const bulks: Parcel[][] = [];
  const open = new Map<string, { bulk: Parcel[]; length: number }>();
  for (const parcel of parcels) {
    const { type } = parcel.envelope;
    const length = JSON.stringify(parcel.envelope).length;
    let current = open.get(type);
    if (!current || current.bulk.length === BULK_EVENTS || current.length + length > BULK_LENGTH) {
      current = { bulk: [], length: 0 };
      open.set(type, current);
      bulks.push(current.bulk);
    }
    current.bulk.push(parcel);
    current.length += length;
  }
  return bulks;
}

/** Publishes a bulk and returns what failed of it. */
async function publishTogether(publisher: Publisher, bulk: readonly Parcel[]): Promise<ReadonlyMap<CloudEvent, Error>> {
  const envelopes = bulk.map(({ envelope }) => envelope);
  const [only, ...others] = envelopes;
  if (!only || others.length > 0) return publisher.publishBulk(envelopes);
  return publisher.publish(only).then(
    () => new Map(),
    (error: Error) => new Map([[only, error]]),
  );
}
