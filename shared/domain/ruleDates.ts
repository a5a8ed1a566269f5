import { type Calendar, type Rule, WEEKDAYS, type Weekday } from './recurrence.ts';
import { dateOf, LATEST_DATE } from './time.ts';

/*
 * Which calendar dates a rule names (RFC 5545 3.3.10). Wall time, clock changes, COUNT and UNTIL are decided elsewhere.
 *
 * A rule takes every INTERVAL-th period (day, week, month or year), counted from that of its start, and names in it the
 * days for which each of its parts holds; whether RFC 5545 lets a part expand or limit comes to the same for days.
 * BYSETPOS then chooses among them. Periods are found by arithmetic, so a search begins where it is asked to. It looks at
 * no day twice, and at none before the start or after 2200 (but for the rest of a period): about 84,400 at most.
 *
 * A day is a number, counted from 1970-01-01.
 */

const DAY_MS = 24 * 60 * 60 * 1000;
/** The weekday of 1970-01-01. */
const WEEKDAY_OF_DAY_0 = WEEKDAYS.indexOf('TH');
/** Stands for a weekday without a number. */
const EACH = 0;

/** The dates of a rule from one date up to another, both inclusive, `YYYY-MM-DD`: none before its start or after 2200. */
export interface RuleDates {
  inOrder(from: string, to: string): Generator<string>;
  /** The last one first. */
  backwards(from: string, to: string): Generator<string>;
}

interface Span {
  firstDay: number;
  length: number;
}

interface Month extends Span {
  /** 1 to 12. */
  month: number;
  year: Span;
}

/** The periods of a rule, numbered in order. */
interface Periods {
  periodOf(day: number): number;
  firstDayOf(period: number): number;
}

type Condition = (day: number, month: Month) => boolean;

/**
 * The dates that a rule names from its start on. `overflow` says what a positive BYMONTHDAY comes to that a month lacks:
 * with `clamp` its last day, before BYDAY and BYSETPOS choose (RFC 7529 SKIP=BACKWARD), and once, however many days come
 * to it; with `skip` none.
 */
export function ruleDates(given: Rule, start: string, overflow: Calendar['overflow']): RuleDates {
  const startDay = dayOf(start);
  const lastDay = dayOf(LATEST_DATE);
  const rule = withPartsOfStart(given, startDay);
  const periods = periodsOf(rule);
  const startPeriod = periods.periodOf(startDay);
  const interval = rule.FREQ === 'DAILY' ? 1 : rule.INTERVAL;
  const stepsTo = (day: number) => (periods.periodOf(day) - startPeriod) / interval;
  const daysIn = chooserOf(rule, periods, conditionsOf(rule, startDay, overflow));

  return {
    *inOrder(from, to) {
      const earliest = Math.max(startDay, dayOf(from));
      const latest = Math.min(lastDay, dayOf(to));
      let period = startPeriod + Math.ceil(stepsTo(earliest)) * interval;
      for (; periods.firstDayOf(period) <= latest; period += interval) {
        for (const day of daysIn(period)) if (earliest <= day && day <= latest) yield dateOfDay(day);
      }
    },

    *backwards(from, to) {
      const earliest = Math.max(startDay, dayOf(from));
      const latest = Math.min(lastDay, dayOf(to));
      let period = startPeriod + Math.floor(stepsTo(latest)) * interval;
      for (; period >= periods.periodOf(earliest); period -= interval) {
        for (const day of daysIn(period).reverse()) if (earliest <= day && day <= latest) yield dateOfDay(day);
      }
    },
  };
}

/** A rule with the parts written out that it leaves to the start (RFC 5545 3.3.10). */
function withPartsOfStart(rule: Rule, startDay: number): Rule {
  const { FREQ, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYDAY } = rule;
  if (FREQ === 'DAILY' || BYMONTHDAY || BYYEARDAY || BYDAY) return rule;
  const month = monthOf(startDay);
  const weekday = WEEKDAYS[weekdayOf(startDay)] as Weekday;
  if (FREQ === 'WEEKLY' || BYWEEKNO) return { ...rule, BYDAY: [{ nth: null, weekday }] };
  const onItsDay = { ...rule, BYMONTHDAY: [placeIn(month, startDay)] };
  return FREQ === 'MONTHLY' || BYMONTH ? onItsDay : { ...onItsDay, BYMONTH: [month.month] };
}

function periodsOf({ FREQ, WKST, BYWEEKNO }: Rule): Periods {
  const startOfWeek = (day: number) => day - ((weekdayOf(day) - WEEKDAYS.indexOf(WKST) + 7) % 7);
  switch (FREQ) {
    case 'WEEKLY':
      return {
        periodOf: (day) => (startOfWeek(day) - startOfWeek(0)) / 7,
        firstDayOf: (week) => startOfWeek(0) + week * 7,
      };
    // A period for each day would take longer than to pick every INTERVAL-th day of the months.
    case 'DAILY':
    case 'MONTHLY':
      return { periodOf: monthsTo, firstDayOf: firstOfMonth };
    case 'YEARLY': {
      if (!BYWEEKNO) return { periodOf: yearOf, firstDayOf: firstOfYear };
      // A year of whole weeks: week 1 is that of 4 January, and the year that has most of a week has its fourth day.
      return {
        periodOf: (day) => yearOf(startOfWeek(day) + 3),
        firstDayOf: (year) => startOfWeek(firstOfYear(year) + 3),
      };
    }
  }
}

/** A function that finds the days that a rule names in a period, in order. */
function chooserOf(rule: Rule, periods: Periods, conditions: readonly Condition[]): (period: number) => number[] {
  const months = rule.BYMONTH && new Set(rule.BYMONTH);
  const weeks = rule.BYWEEKNO && new Set(rule.BYWEEKNO);
  const positions = rule.FREQ !== 'DAILY' && rule.BYSETPOS && new Set(rule.BYSETPOS);
  let month = monthOf(0);

  return (period) => {
    const firstDay = periods.firstDayOf(period);
    const length = periods.firstDayOf(period + 1) - firstDay;
    const named: number[] = [];
    for (let day = firstDay; day < firstDay + length; day += 1) {
      if (day < month.firstDay || day > lastOf(month)) month = monthOf(day);
      if (months && !months.has(month.month)) {
        day = lastOf(month);
        continue;
      }
      if (weeks && !isAmong(weeks, Math.floor((day - firstDay) / 7) + 1, length / 7)) continue;
      if (conditions.every((holds) => holds(day, month))) named.push(day);
    }
    return positions ? named.filter((_, index) => isAmong(positions, index + 1, named.length)) : named;
  };
}

/** What a rule asks of a day, but for its month and week. */
function conditionsOf(rule: Rule, startDay: number, overflow: Calendar['overflow']): Condition[] {
  const { FREQ, INTERVAL, BYMONTH, BYYEARDAY, BYMONTHDAY, BYDAY, BYSETPOS } = rule;
  const conditions: Condition[] = [];
  if (FREQ === 'DAILY') {
    const choosesOnly = !BYSETPOS || isAmong(new Set(BYSETPOS), 1, 1);
    conditions.push((day) => choosesOnly && (day - startDay) % INTERVAL === 0);
  }
  if (BYYEARDAY) {
    const numbers = new Set(BYYEARDAY);
    conditions.push((day, { year }) => isAmong(numbers, placeIn(year, day), year.length));
  }
  if (BYMONTHDAY) {
    const numbers = new Set(BYMONTHDAY);
    const lastWanted = overflow === 'clamp' ? Math.max(...BYMONTHDAY) : 0;
    conditions.push(
      (day, month) =>
        isAmong(numbers, placeIn(month, day), month.length) || (day === lastOf(month) && lastWanted > month.length),
    );
  }
  if (BYDAY) {
    const numbers = WEEKDAYS.map(
      (name) => new Set(BYDAY.filter(({ weekday }) => weekday === name).map(({ nth }) => nth ?? EACH)),
    );
    const countsInMonth = FREQ === 'MONTHLY' || BYMONTH !== undefined;
    conditions.push((day, month) =>
      isNth(numbers[weekdayOf(day)] as Set<number>, day, countsInMonth ? month : month.year),
    );
  }
  return conditions;
}

/** Whether a day is the nth of its weekday in a month or year, for one of some numbers. */
function isNth(numbers: ReadonlySet<number>, day: number, span: Span): boolean {
  if (numbers.has(EACH)) return true;
  const earlier = Math.floor((day - span.firstDay) / 7);
  const later = Math.floor((lastOf(span) - day) / 7);
  return isAmong(numbers, earlier + 1, earlier + 1 + later);
}

/** Whether a place, from 1 up to a length, is among numbers that count from the start or, negative ones, from the end. */
function isAmong(numbers: ReadonlySet<number>, place: number, length: number): boolean {
  return numbers.has(place) || numbers.has(place - length - 1);
}

function placeIn({ firstDay }: Span, day: number): number {
  return day - firstDay + 1;
}

function lastOf({ firstDay, length }: Span): number {
  return firstDay + length - 1;
}

function monthOf(day: number): Month {
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const firstDay = day - date.getUTCDate() + 1;
  return {
    month: month + 1,
    ...spanOf(firstDay, firstOfMonth((year - 1970) * 12 + month + 1)),
    year: spanOf(firstOfYear(year), firstOfYear(year + 1)),
  };
}

function spanOf(firstDay: number, end: number): Span {
  return { firstDay, length: end - firstDay };
}

/** The months from January 1970 up to that of a day. */
function monthsTo(day: number): number {
  return (yearOf(day) - 1970) * 12 + new Date(day * DAY_MS).getUTCMonth();
}

function firstOfMonth(months: number): number {
  return Date.UTC(1970, months) / DAY_MS;
}

function yearOf(day: number): number {
  return new Date(day * DAY_MS).getUTCFullYear();
}

function firstOfYear(year: number): number {
  return Date.UTC(year, 0) / DAY_MS;
}

/** The place of a day's weekday in WEEKDAYS. */
function weekdayOf(day: number): number {
  return (((day + WEEKDAY_OF_DAY_0) % 7) + 7) % 7;
}

function dayOf(date: string): number {
  return Date.parse(date) / DAY_MS;
}

function dateOfDay(day: number): string {
  return dateOf(new Date(day * DAY_MS).toISOString());
}
