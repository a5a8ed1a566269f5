import { dueOf } from '../domain/recurrence.ts';
import { REMINDER_GRACE_MS } from '../domain/reminder.ts';
import type { Series } from '../domain/series.ts';
import type { SeriesChange, TaskChange } from '../domain/seriesChanges.ts';
import { advanced, doneAt } from '../domain/seriesProgress.ts';
import type { Split } from '../domain/seriesSplit.ts';
import type { Task } from '../domain/task.ts';
import { type NewId, planTask } from '../domain/taskChanges.ts';
import { recurringTrigger, taskCreated, taskDeleted, taskUpdated } from '../events/taskEvents.ts';
import type { Row, Sql, Statement } from './database.ts';
import type { NewEvent } from './outbox.ts';
import { claimDueSeries, insertSeries, scheduleNext, toSeries, updateSeries } from './series.ts';
import { insertTasks, requireRoom, updateTasks } from './tasks.ts';

/** A change that is yet to be committed. */
export interface InstancesMade {
  statements: Statement[];
  events: NewEvent[];
  count: number;
}

/**
 * Makes the instances of a series that are due to be made, with their events: for the cron, and for whoever learns that
 * one is done. Stale where somebody else was faster. Without more room for open tasks than the user has, it is refused.
 */
export async function makeInstances(
  sql: Sql,
  before: Series,
  { newId, now }: { newId: NewId; now: Date },
): Promise<InstancesMade> {
  const { slots, series } = await advanced(before, now);
  const { id: seriesId, userId, template, calendar } = series;
  const made = slots.map((slot) => ({
    slot,
    task: planTask(template, {
      ...{ newId, now, due: dueOf(slot, calendar), occurrence: { seriesId, local: slot.local } },
      remindFrom: new Date(now.getTime() - REMINDER_GRACE_MS),
    }),
  }));
  const tasks = made.map(({ task }) => task);
  return {
    statements: [
      claimDueSeries(sql, before),
      ...(tasks.length > 0 ? [requireRoom(sql, userId, tasks.length), ...insertTasks(sql, userId, tasks)] : []),
      updateSeries(sql, series),
      // What is left of it waits for the next tick, and is not found again by this one.
      ...scheduleNext(sql, userId, seriesId, new Date(now.getTime() + 1)),
    ],
    events: made.flatMap(({ slot, task }) => [taskCreated(userId, task), recurringTrigger(userId, task, slot)]),
    count: tasks.length,
  };
}

/**
 * What follows for its series when an instance is done, or deleted, which counts as doing it: the next one may be made.
 * `row` is what `selectSeriesToCount` found: a series that counts from completions is counted from now.
 */
export async function goOn(
  sql: Sql,
  userId: string,
  task: Task,
  row: Row | undefined,
  now: Date,
): Promise<Statement[]> {
  const { seriesId, occurrence } = task;
  if (seriesId === null || occurrence === null) return [];
  const counted = row ? [updateSeries(sql, await doneAt(toSeries(row), occurrence, now))] : [];
  return [...counted, ...scheduleNext(sql, userId, seriesId)];
}

/** Writes a series and its instances as they were changed, and tells of the instances. */
export function writeSeriesChange(sql: Sql, { series, tasks }: SeriesChange): Omit<InstancesMade, 'count'> {
  const { id, userId } = series;
  const after = tasks.map((change) => change.after);
  return {
    statements: [
      ...(after.length > 0 ? updateTasks(sql, userId, after) : []),
      updateSeries(sql, series),
      ...scheduleNext(sql, userId, id),
    ],
    events: eventsOf(userId, tasks),
  };
}

/** Writes two series that one was split into, and the instances that moved over, and tells of those. */
export function writeSplit(sql: Sql, { before, after, tasks }: Split): Omit<InstancesMade, 'count'> {
  const change = writeSeriesChange(sql, { series: before, tasks });
  return {
    ...change,
    statements: [insertSeries(sql, after), ...change.statements, ...scheduleNext(sql, after.userId, after.id)],
  };
}

function eventsOf(userId: string, tasks: readonly TaskChange[]): NewEvent[] {
  return tasks.map(({ before, after }) =>
    after.deletedAt === null ? taskUpdated(userId, before, after) : taskDeleted(userId, after),
  );
}
