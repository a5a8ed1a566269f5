import { vi } from 'vitest';
import { type FunctionDefinition, isEvent } from '../../../shared/runtime/defineFunction.ts';
import type { RunSql } from '../../faults/target.ts';
import type { Write } from './writers.ts';

/** Longer than the outbox's cron, and what is retried, take to come round. */
const COMPLETE = { timeout: 150_000, interval: 1_000 };

/** What is wrong between tasks, reminders, events and effects, in words; empty where each has exactly what it must have. */
export async function faultsOf(sql: RunSql, definitions: readonly FunctionDefinition[]): Promise<string[]> {
  const subscribers = definitions.filter(isEvent).map(({ name, trigger }) => ({ function: name, type: trigger.event }));
  const rows = await sql<{ fault: string }>(
    `with subscribers as (select * from jsonb_to_recordset($1::jsonb) as s (type text, function text)),
     told as (select task_id, count(*) as times from outbox where event_type = 'task.created' group by task_id),
     shown as (select task_id, count(*) as times from notifications where kind = 'task.created' group by task_id)
     select 'task ' || t.id || ' was told ' || coalesce(told.times, 0) || ' times' as fault
     from tasks t left join told on told.task_id = t.id where told.times is distinct from 1
     union all
     select 'task ' || t.id || ' was shown ' || coalesce(shown.times, 0) || ' times'
     from tasks t left join shown on shown.task_id = t.id where shown.times is distinct from 1
     union all
     select 'notification of task ' || task_id || ' was shown ' || times || ' times' from shown where times > 1
     union all
     select 'reminder ' || id || ' is due and was not told' from reminders where status = 'pending' and remind_at <= now()
     union all
     select 'reminder ' || (data->>'reminder_id') || ' was told ' || count(*) || ' times'
     from outbox where event_type = 'reminder.due' group by data->>'reminder_id', data->>'remind_at' having count(*) > 1
     union all
     select event_type || ' ' || event_id || ' was not published' from outbox where published_at is null
     union all
     select o.event_type || ' ' || o.event_id || ' took no effect'
     from outbox o join subscribers s on s.type = o.event_type
     where not exists (select from inbox i where i.function = s.function and i.event_id = o.event_id)`,
    [JSON.stringify(subscribers)],
  );
  return rows.map(({ fault }) => fault);
}

/** Waits until every task, reminder, event and effect is there, and rejects with what is not. */
export async function untilComplete(sql: RunSql, definitions: readonly FunctionDefinition[]): Promise<void> {
  await vi.waitFor(async () => {
    const faults = await faultsOf(sql, definitions);
    if (faults.length > 0) throw new Error(`${faults.length} faults:\n${faults.slice(0, 10).join('\n')}`);
  }, COMPLETE);
}

/** What an incident cost those who wrote meanwhile, in milliseconds. */
export interface Cost {
  writes: number;
  failedTries: number;
  /** From the incident to the first answer to a request that was sent after it. */
  nextAnswer: number;
  /** From the incident to the first effect of such a request. */
  nextEffect: number;
  /** The longest that any write waited for its answer, and any effect for itself after that. */
  longestAnswer: number;
  longestEffect: number;
}

/** When the effects of writes came, by task, in milliseconds since 1970. */
export async function effectTimes(sql: RunSql, writes: readonly Write[]): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ task_id: string; at: string }>(
    `select task_id, (extract(epoch from min(created_at)) * 1000)::bigint::text as at from notifications
     where kind = 'task.created' and task_id in (select jsonb_array_elements_text($1::jsonb)::uuid) group by task_id`,
    [writes.map(({ taskId }) => taskId)],
  );
  return new Map(rows.map(({ task_id: id, at }) => [id, Number(at)]));
}

/** Finds out what an incident at that time cost. Every write must have had its effect. */
export function costOf(at: number, writes: readonly Write[], effects: ReadonlyMap<string, number>): Cost {
  const effectOf = ({ taskId }: Write) => effects.get(taskId) ?? Number.NaN;
  const after = writes.filter(({ sentAt }) => sentAt >= at);
  return {
    writes: writes.length,
    failedTries: writes.reduce((sum, { failures }) => sum + failures.length, 0),
    nextAnswer: Math.min(...after.map(({ answeredAt }) => answeredAt)) - at,
    nextEffect: Math.min(...after.map(effectOf)) - at,
    longestAnswer: Math.max(...writes.map(({ sentAt, answeredAt }) => answeredAt - sentAt)),
    longestEffect: Math.max(...writes.map((each) => effectOf(each) - each.answeredAt)),
  };
}

export function describeCost({ writes, failedTries, ...times }: Cost): string {
  const seconds = Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, `${(ms / 1000).toFixed(1)} s`]));
  const { nextAnswer, nextEffect, longestAnswer, longestEffect } = seconds;
  return (
    `${writes} writes, ${failedTries} failed tries; next answer after ${nextAnswer}, next effect after ${nextEffect}; ` +
    `longest wait for an answer ${longestAnswer}, for an effect ${longestEffect}`
  );
}
