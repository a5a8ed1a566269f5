import * as z from 'zod/mini';
import { invalid } from './errors.ts';
import { addDays, localDateOf, localDateSchema, timeZoneSchema } from './time.ts';

/** When a task was written, is due, and was done, as its events tell it: instants in RFC 3339. */
export interface Milestones {
  created_at: string;
  due_at: string | null;
  completed_at: string | null;
}

/** What is added to the counts of a quarter-hour. */
export interface Increment {
  /** The start of the quarter-hour, RFC 3339 in UTC. */
  slot: string;
  created: number;
  completed: number;
  late: number;
}

/** The largest step that every zone's offset from UTC has been a multiple of since 1972, in milliseconds. */
const SLOT_MS = 15 * 60 * 1000;

/**
 * What a task adds to the statistics: itself where it was created and where it was completed, and where it was due if it
 * was completed after that. "Where it was due" ends with its due instant, which for a whole day is the next midnight.
 */
export function contributions({ created_at, due_at, completed_at }: Milestones): Increment[] {
  const found = [increment(Date.parse(created_at), { created: 1 })];
  if (completed_at === null) return found;
  found.push(increment(Date.parse(completed_at), { completed: 1 }));
  if (due_at !== null && Date.parse(completed_at) > Date.parse(due_at)) {
    found.push(increment(Date.parse(due_at) - 1, { late: 1 }));
  }
  return found;
}

/**
 * What the statistics change by when a task does; null: it is not there (yet, or any more). Increments of different
 * changes can be added in any order.
 */
export function delta(before: Milestones | null, after: Milestones | null): Increment[] {
  const sums = new Map<string, Increment>();
  const add = ({ slot, created, completed, late }: Increment, times: 1 | -1) => {
    const sum = sums.get(slot) ?? { slot, created: 0, completed: 0, late: 0 };
    sums.set(slot, {
      slot,
      created: sum.created + times * created,
      completed: sum.completed + times * completed,
      late: sum.late + times * late,
    });
  };
  for (const one of after ? contributions(after) : []) add(one, 1);
  for (const one of before ? contributions(before) : []) add(one, -1);
  return [...sums.values()].filter(({ created, completed, late }) => created !== 0 || completed !== 0 || late !== 0);
}

function increment(at: number, counts: Partial<Increment>): Increment {
  const slot = new Date(Math.floor(at / SLOT_MS) * SLOT_MS).toISOString();
  return { slot, created: 0, completed: 0, late: 0, ...counts };
}

/** A year, a leap year too, and nothing that takes a second. */
const LONGEST_RANGE_DAYS = 366;
const DEFAULT_RANGE_DAYS = 30;

/** For which days statistics are wanted. The zone has no default: without it there is no saying what a day is. */
export const statsQuerySchema = z.strictObject({
  timeZone: timeZoneSchema,
  from: z.optional(localDateSchema),
  to: z.optional(localDateSchema),
});

/** Calendar days of a zone, first and last. */
export interface DayRange {
  timeZone: string;
  from: string;
  to: string;
  today: string;
}

/**
 * The days that a query asks for: up to today and 30 of them, where it does not say otherwise. Throws `invalid` where
 * they are none or too many.
 */
export function rangeOf({ timeZone, ...asked }: z.output<typeof statsQuerySchema>, now: Date): DayRange {
  const today = localDateOf(now, timeZone);
  const to = asked.to ?? today;
  const from = asked.from ?? addDays(to, 1 - DEFAULT_RANGE_DAYS);
  if (from > to) throw invalid({ pointer: '/from', detail: `Must not be after the last day, ${to}.` });
  if (addDays(from, LONGEST_RANGE_DAYS - 1) < to) {
    throw invalid({ pointer: '/from', detail: `Must be at most ${LONGEST_RANGE_DAYS} days with the last one, ${to}.` });
  }
  return { timeZone, from, to, today };
}

const count = z.int().check(z.nonnegative());

/** A user's statistics, by the calendar days of a zone. */
export const statsSchema = z.object({
  timeZone: z.string(),
  /**
   * Every day of the range. `overdue`: tasks due on that day that were completed late, or are open and past due now.
   */
  days: z.array(z.object({ date: z.iso.date(), created: count, completed: count, overdue: count })),
  /** Days in a row with something completed: up to today or yesterday, and the most there ever were. */
  streak: z.object({ current: count, longest: count }),
  /** Open tasks, now. */
  open: count,
  /** Those of them that are past due. */
  overdue: count,
});

export type Stats = z.output<typeof statsSchema>;
