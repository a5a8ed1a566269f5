import * as z from 'zod/mini';
import { type Due, toDue, type Zone } from './due.ts';
import {
  EARLIEST_DATE,
  instantOf,
  LATEST_DATE,
  localDateOf,
  localDateSchema,
  localDateTimeOf,
  localDateTimeSchema,
  startOfDay,
} from './time.ts';

/** Room for the longest rule that a person would write, and a bound for what one costs to read. */
const RULE_LENGTH = 512;
const TOO_LONG = `Must have at most ${RULE_LENGTH} characters.`;
/** An interval of a thousand days, weeks, months or years. */
const LARGEST_INTERVAL = 1000;
/** Almost three years of a daily task; what goes on for longer has an end date, or none. */
const LARGEST_COUNT = 1000;
/** Two years of weekly dates; who changes more than that wants another rule. */
const LARGEST_DATE_LIST = 100;

/** As RFC 5545 names them, Monday first. */
export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
/** The most days that a month can have, January first. */
const MONTH_LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export type Weekday = (typeof WEEKDAYS)[number];

/** The parts of an RRULE (RFC 5545 3.3.10) that a task can have. Whether they go together is checked later. */
function makeRulePartsSchema() {
  const oneTime = z.optional(z.undefined('is not allowed: a task has one wall time, that of its due time'));
  const overflowInstead = z.optional(z.undefined('is not allowed: say "overflow": "clamp" or "skip" beside the rule'));
  return z.strictObject(
    {
      FREQ: z.enum(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'], 'must be DAILY, WEEKLY, MONTHLY or YEARLY'),
      INTERVAL: z._default(integer(1, LARGEST_INTERVAL), 1),
      COUNT: z.optional(integer(1, LARGEST_COUNT)),
      UNTIL: z.optional(z.pipe(z.string(), z.transform(untilOf))),
      WKST: z._default(z.enum(WEEKDAYS, 'must be a weekday: MO, TU, WE, TH, FR, SA or SU'), 'MO'),
      BYMONTH: z.optional(listOf(integer(1, 12))),
      BYMONTHDAY: z.optional(listOf(ordinal(31))),
      BYYEARDAY: z.optional(listOf(ordinal(366))),
      BYWEEKNO: z.optional(listOf(ordinal(53))),
      BYDAY: z.optional(listOf(z.pipe(z.string(), z.transform(weekdayRuleOf)))),
      BYSETPOS: z.optional(listOf(ordinal(366))),
      BYHOUR: oneTime,
      BYMINUTE: oneTime,
      BYSECOND: oneTime,
      RSCALE: overflowInstead,
      SKIP: overflowInstead,
    },
    { error: (issue) => (issue.code === 'unrecognized_keys' ? `${issue.keys} is not a part of a rule` : undefined) },
  );
}

/** Made when the first rule is read: most tasks have none, and a start need not wait for it. */
let rulePartsSchema: ReturnType<typeof makeRulePartsSchema> | undefined;

/** A rule, read: the parts that were given, and the defaults of RFC 5545 for INTERVAL and WKST. */
export type Rule = z.output<ReturnType<typeof makeRulePartsSchema>>;

/** The last occurrence that a rule can have: a day, a wall time, or an instant. */
export type Until = { date: string } | { local: string } | { instant: Date };

/** A weekday, in each week, or counted from the start (1 and up) or end (-1 and down) of the month or year. */
export interface WeekdayRule {
  nth: number | null;
  weekday: Weekday;
}

/** Local dates or date-times, sorted, each once. Whether they are of the kind of the start is checked with the start. */
function datesOf(description: string) {
  return z
    ._default(
      z
        .array(
          z.union(
            [localDateSchema, localDateTimeSchema],
            `Must be a real date, or date and time, between ${EARLIEST_DATE} and ${LATEST_DATE}.`,
          ),
        )
        .check(
          z.maxLength(LARGEST_DATE_LIST, `Must have at most ${LARGEST_DATE_LIST} dates.`),
          z.overwrite((dates) => [...new Set(dates)].sort()),
        ),
      [],
    )
    .check(z.describe(description));
}

/**
 * How a task recurs, counted from its due time.
 * `rule` is the value of an RRULE (a leading `RRULE:` is taken off, letters become capital).
 * `overflow`, for a day that a month lacks: its last day instead (as RFC 7529 SKIP=BACKWARD), or none (RFC 5545).
 * `gap`, for a wall time that a clock change skips, or a day that a zone left out: the same on the old clock, or none.
 * `exdates` and `rdates` (RFC 5545 3.8.5): local times that are left out, and further ones. COUNT counts the times of the
 * rule, those left out included.
 */
export const recurrenceSchema = z
  .strictObject({
    rule: z.string().check(
      z.maxLength(RULE_LENGTH, { error: TOO_LONG, abort: true }),
      z.overwrite((text) =>
        text
          .trim()
          .toUpperCase()
          .replace(/^RRULE:/, ''),
      ),
      z.superRefine((text, context) => {
        for (const message of readRule(text).problems) context.addIssue({ code: 'custom', message });
      }),
      z.describe('An RRULE (RFC 5545), daily or coarser, such as FREQ=MONTHLY;BYMONTHDAY=31.'),
    ),
    overflow: z
      ._default(z.enum(['clamp', 'skip']), 'clamp')
      .check(z.describe('A day that a month lacks: its last day, or none.')),
    gap: z
      ._default(z.enum(['shift', 'skip']), 'shift')
      .check(z.describe('A time that a clock change skips: later, or none.')),
    exdates: datesOf('Local times at which the task does not recur.'),
    rdates: datesOf('Local times at which it recurs besides those of the rule.'),
  })
  .register(z.globalRegistry, { id: 'Recurrence', description: 'How the task recurs, counted from its due time.' });

export type Recurrence = z.output<typeof recurrenceSchema>;

/** All that decides when a task recurs: its rule, and the local date, or date-time with seconds, where it starts. */
export interface Calendar extends Recurrence, Zone {
  start: string;
}

/** What of a calendar is its recurrence. */
export function recurrenceOf({ rule, overflow, gap, exdates, rdates }: Calendar): Recurrence {
  return { rule, overflow, gap, exdates, rdates };
}

/** One time of a calendar: `local` as the rule names it, which identifies it; `at` when it is (all-day: begins). */
export interface Occurrence {
  local: string;
  at: Date;
}

/** When a nominal local time comes. */
export function occurrenceAt(local: string, timeZone: string): Occurrence {
  return { local, at: isAllDay(local) ? startOfDay(local, timeZone) : instantOf(local, timeZone, 'shift') };
}

/** When the instance of an occurrence is due; a time or day that the clocks skip is given as what they show instead. */
export function dueOf({ local, at }: Occurrence, zone: Zone): Due {
  return toDue(isAllDay(local) ? localDateOf(at, zone.timeZone) : localDateTimeOf(at, zone.timeZone), zone);
}

/** Whether a local time is a date alone. */
export function isAllDay(local: string): boolean {
  return !local.includes('T');
}

/** A rule as its parts, or what is wrong with it, each problem a sentence. Whether it ever matches is not looked at. */
export function readRule(text: string): { rule: Rule; problems: [] } | { rule: null; problems: string[] } {
  const parts = text.split(';').map((part) => part.split('=') as [string, ...string[]]);
  const names = parts.map(([name]) => name);
  if (text.length > RULE_LENGTH) return { rule: null, problems: [TOO_LONG] };
  if (parts.some((part) => part.length !== 2 || part.includes(''))) {
    return { rule: null, problems: ['Must be a recurrence rule of RFC 5545, like FREQ=WEEKLY;BYDAY=MO,TH.'] };
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated) return { rule: null, problems: [`${repeated} must not be given twice.`] };

  rulePartsSchema ??= makeRulePartsSchema();
  const read = rulePartsSchema.safeParse(Object.fromEntries(parts));
  if (!read.success) {
    const problems = read.error.issues.map((issue) => [issue.path[0], issue.message].filter(Boolean).join(' '));
    return { rule: null, problems: [...new Set(problems.map((problem) => `${problem}.`))] };
  }
  const conflicts = conflictsIn(read.data);
  return conflicts.length > 0 ? { rule: null, problems: conflicts } : { rule: read.data, problems: [] };
}

/** Parts that RFC 5545 3.3.10 forbids to stand together, and days that are in no month. */
function conflictsIn(rule: Rule): string[] {
  const { FREQ, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYDAY, BYSETPOS } = rule;
  const numbered = BYDAY?.some(({ nth }) => nth !== null);
  const choices = BYMONTH || BYMONTHDAY || BYYEARDAY || BYWEEKNO || BYDAY;
  const checks: [unknown, string][] = [
    [rule.COUNT && rule.UNTIL, 'COUNT and UNTIL must not be given together.'],
    [BYMONTHDAY && FREQ === 'WEEKLY', 'BYMONTHDAY needs FREQ=DAILY, MONTHLY or YEARLY.'],
    [BYYEARDAY && FREQ !== 'YEARLY', 'BYYEARDAY needs FREQ=YEARLY.'],
    [BYWEEKNO && FREQ !== 'YEARLY', 'BYWEEKNO needs FREQ=YEARLY.'],
    [numbered && FREQ !== 'MONTHLY' && FREQ !== 'YEARLY', 'A number before a weekday needs FREQ=MONTHLY or YEARLY.'],
    [numbered && BYWEEKNO, 'BYWEEKNO takes weekdays without a number.'],
    [BYSETPOS && !choices, 'BYSETPOS needs another BY part, from whose days it chooses.'],
    [BYMONTH && BYMONTHDAY && !haveDay(BYMONTH, BYMONTHDAY), 'No month of BYMONTH has a day of BYMONTHDAY.'],
  ];
  return checks.filter(([found]) => found).map(([, problem]) => problem);
}

function haveDay(months: readonly number[], days: readonly number[]): boolean {
  const longest = Math.max(...months.map((month) => MONTH_LENGTHS[month - 1] ?? 0));
  return days.some((day) => Math.abs(day) <= longest);
}

function integer(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z
    .pipe(z.string().check(z.regex(/^\d{1,4}$/, { error, abort: true })), z.transform(Number))
    .check(z.refine((number) => least <= number && number <= most, error));
}

function ordinal(most: number) {
  const error = `must be made of whole numbers from 1 to ${most}, or -1 to -${most} counted from the end`;
  return z
    .pipe(z.string().check(z.regex(/^[+-]?\d{1,3}$/, { error, abort: true })), z.transform(Number))
    .check(z.refine((number) => number !== 0 && Math.abs(number) <= most, error));
}

function listOf<Item extends z.core.$ZodType<unknown, string>>(item: Item) {
  const split = z.transform((text: string) => text.split(','));
  return z.pipe(z.pipe(z.string(), split), z.array(item));
}

function weekdayRuleOf(text: string, { issues }: z.core.ParsePayload): WeekdayRule {
  const [, number, name] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  const nth = number === undefined ? null : Number(number);
  const weekday = WEEKDAYS.find((known) => known === name);
  if (weekday && (nth === null || (nth !== 0 && Math.abs(nth) <= 53))) return { nth, weekday };
  const message = 'must be made of weekdays: MO, TU, WE, TH, FR, SA, SU, with a number like 1MO or -1FR or without';
  issues.push({ code: 'custom', input: text, message });
  return z.NEVER;
}

/** `YYYYMMDD`, `YYYYMMDDTHHMMSS` or `YYYYMMDDTHHMMSSZ` (RFC 5545 3.3.4 and 3.3.5). */
function untilOf(text: string, { issues }: z.core.ParsePayload): Until {
  const [, year, month, day, hour, minute, second, utc] =
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?$/.exec(text) ?? [];
  const date = localDateSchema.safeParse(`${year}-${month}-${day}`);
  const local = localDateTimeSchema.safeParse(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
  if (hour === undefined && date.success) return { date: date.data };
  if (local.success) return utc ? { instant: new Date(`${local.data}Z`) } : { local: local.data };
  const message = 'must be a real day or time between 1970 and 2200, like 20261231 or 20261231T225959Z';
  issues.push({ code: 'custom', input: text, message });
  return z.NEVER;
}
