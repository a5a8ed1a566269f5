import * as z from 'zod/mini';
import { type Due, dueSchema, localOf, toDue, zoneOf } from './due.ts';
import { DomainError } from './errors.ts';
import { type Calendar, type Occurrence, recurrenceOf } from './recurrence.ts';
import { longestLead, type Reminder, reminderSchema } from './reminder.ts';
import type { Choices, Schedule } from './schedule.ts';
import type { TaskTemplate } from './task.ts';

/** The cron that makes instances ticks once an hour: one tick must fall between an instance's making and its slot. */
const CRON_PERIOD_MS = 60 * 60 * 1000;

/** `paused`: it makes no instances until it is resumed. `ended`: nor ever again, unless it gets another schedule. */
export const seriesStateSchema = z.enum(['active', 'paused', 'ended']);

/** A series: what its instances are like, when they are due, and how far it is. */
export interface Series {
  id: string;
  userId: string;
  template: TaskTemplate;
  calendar: Calendar;
  choices: Choices;
  state: z.output<typeof seriesStateSchema>;
  /** The occurrence that becomes an instance next; null at the end, and where it is yet to be counted from a completion. */
  next: Occurrence | null;
  /** Slot of the last instance made; null before the first. Slots only ever come behind it. */
  last: string | null;
  /** Local day of the completion that `next` was counted from; null before the first, and where the calendar decides. */
  doneOn: string | null;
  /** Instances made. */
  made: number;
  /** Slots whose time came and that got no instance. */
  passedOver: number;
  version: number;
  createdAt: string;
  updatedAt: string;
}

/** A series as a client sees it. */
export const seriesSchema = z
  .object({
    id: z.uuid(),
    title: z.string(),
    description: z.nullable(z.string()),
    priority: z.string(),
    tags: z.array(z.string()),
    reminders: z.array(reminderSchema),
    start: dueSchema.check(z.describe('Where its rule is counted from.')),
    recurrence: z
      .object({
        ...{ rule: z.string(), overflow: z.string(), gap: z.string() },
        ...{ exdates: z.array(z.string()), rdates: z.array(z.string()) },
        ...{ mode: z.string(), missed: z.string(), overlap: z.string() },
      })
      .register(z.globalRegistry, { id: 'SeriesSchedule' }),
    state: seriesStateSchema,
    next: z
      .nullable(z.object({ occurrence: z.string(), at: z.iso.datetime() }))
      .check(
        z.describe('The slot that gets an instance next, unless it is missed; null at the end, or until one is done.'),
      ),
    made: z.int().check(z.nonnegative(), z.describe('How many instances were made.')),
    passedOver: z.int().check(z.nonnegative(), z.describe('How many slots came and got no instance.')),
    version: z.int().check(z.positive(), z.describe('Grows with each change, of which making an instance is one.')),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .register(z.globalRegistry, { id: 'Series' });

export type SeriesView = z.output<typeof seriesSchema>;

/** Which series a list holds. */
export const seriesListSchema = z.object({ state: z.optional(seriesStateSchema) });

/** What a client is shown of a series. */
export function viewOf(series: Series): SeriesView {
  const { id, template, calendar, choices, state, next, made, passedOver, version, createdAt, updatedAt } = series;
  return {
    ...{
      id,
      ...template,
      start: toDue(calendar.start, calendar),
      recurrence: { ...recurrenceOf(calendar), ...choices },
      state,
    },
    next: next && { occurrence: next.local, at: next.at.toISOString() },
    ...{ made, passedOver, version, createdAt, updatedAt },
  };
}

/** What a new series begins with. */
export interface Beginning {
  id: string;
  userId: string;
  template: TaskTemplate;
  due: Due;
  schedule: Schedule;
}

/**
 * The series of a task that is first due at `due`, and its first occurrence, which becomes an instance at once. Throws
 * `invalid` for a bad rule.
 */
export async function startSeries(
  { id, userId, template, due, schedule }: Beginning,
  now: Date,
): Promise<{ series: Series; slot: Occurrence }> {
  const { checkRule, nextOccurrence } = await import('./occurrences.ts');
  const { calendar, choices } = apart(schedule, due);
  const slot = checkRule(calendar, '/recurrence/rule');
  const next = choices.mode === 'fixed' ? nextOccurrence(calendar, slot.local) : null;
  const goesOn = choices.mode === 'fixed' ? next !== null : !isComplete(calendar, 1);
  const series: Series = {
    ...{ id, userId, template, calendar, choices, state: goesOn ? 'active' : 'ended' },
    ...{ next, last: slot.local, doneOn: null, made: 1, passedOver: 0 },
    ...{ version: 1, createdAt: now.toISOString(), updatedAt: now.toISOString() },
  };
  return { series, slot };
}

/** A schedule from `start` on, as the calendar that the engine reads and the choices that it does not. */
export function apart(schedule: Schedule, start: Due): { calendar: Calendar; choices: Choices } {
  const { mode, missed, overlap, ...recurrence } = schedule;
  const calendar = { ...recurrence, start: localOf(start), ...zoneOf(start) };
  return { calendar, choices: { mode, missed, overlap } };
}

/** Whether a series that counts its instances has made as many as its rule's COUNT says. */
export function isComplete({ rule }: Pick<Calendar, 'rule'>, made: number): boolean {
  const count = countOf(rule);
  return count !== null && made >= count;
}

/** The COUNT of a rule that was checked, or null. */
export function countOf(rule: string): number | null {
  const [, count] = /(?:^|;)COUNT=(\d+)/.exec(rule) ?? [];
  return count === undefined ? null : Number(count);
}

/** A rule that was checked with another COUNT, or none. */
export function withCount(rule: string, count: number | null): string {
  const parts = rule.split(';').filter((part) => !part.startsWith('COUNT='));
  return [...parts, ...(count === null ? [] : [`COUNT=${count}`])].join(';');
}

/** The series at its next version. */
export function changed(series: Series, now: Date, change: Partial<Series>): Series {
  return { ...series, ...change, version: series.version + 1, updatedAt: now.toISOString() };
}

/** How long before its slot an instance must exist, in milliseconds, so that none of its reminders is missed. */
export function creationLead(reminders: readonly Reminder[]): number {
  return longestLead(reminders) + CRON_PERIOD_MS;
}

/** Throws `invalid` where a series has ended, and so has nothing left to change. */
export function requireGoingOn({ state }: Series): void {
  if (state === 'ended') throw new DomainError('invalid', 'The series has ended.');
}
