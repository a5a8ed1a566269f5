import { Temporal } from 'temporal-polyfill';
import type { Calendar, Occurrence, Rule, Weekday } from '../../shared/domain/recurrence.ts';

/*
 * A second way to the occurrences of a calendar, for tests: it looks at each day from the start on and asks whether it is
 * one of the rule. It shares no code with the engine: it has a calendar of its own, made by counting days one by one, and
 * takes instants from a library.
 */

const FIRST_YEAR = 1968;
const LAST_YEAR = 2202;
/** 1 January 1968 was a Monday. */
const WEEKDAYS: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const LAST_DATE = '2200-12-31';

/** A day, and its place in month, year and weeks; a pair of places counts from the start and (negative) from the end. */
interface Day {
  index: number;
  date: string;
  year: number;
  month: number;
  weekday: Weekday;
  monthDay: [number, number];
  yearDay: [number, number];
  /** The how-manieth of its weekday in its month and in its year. */
  nthInMonth: [number, number];
  nthInYear: [number, number];
}

/** The week of a day, where weeks start with a given weekday. */
interface Week {
  index: number;
  /** The year in which the week has four days or more, and its place there. */
  year: number;
  number: [number, number];
}

const pad = (number: number, digits = 2) => String(number).padStart(digits, '0');

function allDays(): Day[] {
  const days: Day[] = [];
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year += 1) {
    const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (const [month, length] of lengths.entries()) {
      for (let day = 1; day <= length; day += 1) {
        const index = days.length;
        days.push({
          index,
          date: `${pad(year, 4)}-${pad(month + 1)}-${pad(day)}`,
          year,
          month: month + 1,
          weekday: WEEKDAYS[index % 7] as Weekday,
          monthDay: [0, 0],
          yearDay: [0, 0],
          nthInMonth: [0, 0],
          nthInYear: [0, 0],
        });
      }
    }
  }
  const inMonth = ({ year, month }: Day) => `${year}-${month}`;
  const inYear = ({ year }: Day) => `${year}`;
  number(days, inMonth, 'monthDay');
  number(days, inYear, 'yearDay');
  number(days, (day) => `${inMonth(day)}${day.weekday}`, 'nthInMonth');
  number(days, (day) => `${inYear(day)}${day.weekday}`, 'nthInYear');
  return days;
}

/** Gives each day its place among those that have the same key. */
function number(days: Day[], keyOf: (day: Day) => string, place: 'monthDay' | 'yearDay' | 'nthInMonth' | 'nthInYear') {
  const groups = new Map<string, Day[]>();
  for (const day of days) {
    const group = groups.get(keyOf(day)) ?? [];
    groups.set(keyOf(day), group);
    group.push(day);
  }
  for (const group of groups.values()) {
    for (const [index, day] of group.entries()) day[place] = [index + 1, index - group.length];
  }
}

function weeksFrom(days: Day[], firstWeekday: Weekday): Week[] {
  const weeks: Day[][] = [[]];
  for (const day of days) {
    if (day.weekday === firstWeekday) weeks.push([]);
    weeks.at(-1)?.push(day);
  }
  // Whoever has the fourth day of a week has most of it.
  const years = weeks.map((week) => week[3]?.year ?? 0);
  const first = new Map([...years.entries()].reverse().map(([index, year]) => [year, index]));
  const last = new Map([...years.entries()].map(([index, year]) => [year, index]));
  return weeks.flatMap((week, index) => {
    const year = years[index] ?? 0;
    const number: [number, number] = [index - (first.get(year) ?? 0) + 1, index - (last.get(year) ?? 0) - 1];
    return week.map(() => ({ index, year, number }));
  });
}

const days = allDays();
const indexOfDate = new Map(days.map(({ date, index }) => [date, index]));
const weeksByStart = new Map(WEEKDAYS.map((weekday) => [weekday, weeksFrom(days, weekday)]));

/** The dates that a rule names, day by day from its start on. */
export function* datesDayByDay(rule: Rule, start: string, overflow: Calendar['overflow']): Generator<string> {
  const weeks = weeksByStart.get(rule.WKST) as Week[];
  const periods = periodsOf(rule, weeks);
  const startDay = days[indexOfDate.get(start) as number] as Day;
  const startPeriod = periods[startDay.index] as number;
  const isNamed = conditionFor(rule, startDay, overflow);
  const end = indexOfDate.get(LAST_DATE) as number;
  let index = periods.indexOf(startPeriod);

  while (index <= end) {
    const period = periods[index] as number;
    const isWanted = (period - startPeriod) % rule.INTERVAL === 0;
    const found: Day[] = [];
    for (; periods[index] === period; index += 1) {
      const day = days[index] as Day;
      if (isWanted && isNamed(day, weeks[index] as Week)) found.push(day);
    }
    for (const { date } of chosenFrom(found, rule.BYSETPOS)) if (date >= start && date <= LAST_DATE) yield date;
  }
}

function chosenFrom(found: readonly Day[], positions: readonly number[] | undefined): readonly Day[] {
  if (!positions) return found;
  const chosen = positions.map((position) => found.at(position > 0 ? position - 1 : position));
  return found.filter((day) => chosen.includes(day));
}

const knownPeriods = new Map<string, Int32Array>();

/** The period of each day, as a number. */
function periodsOf(rule: Rule, weeks: readonly Week[]): Int32Array {
  const key = [rule.FREQ, rule.WKST, Boolean(rule.BYWEEKNO)].join();
  const known = knownPeriods.get(key);
  if (known) return known;
  const periods = Int32Array.from(days, (day) => periodNumber(rule, day, weeks[day.index] as Week));
  knownPeriods.set(key, periods);
  return periods;
}

function periodNumber({ FREQ, BYWEEKNO }: Rule, day: Day, week: Week): number {
  if (FREQ === 'DAILY') return day.index;
  if (FREQ === 'WEEKLY') return week.index;
  if (FREQ === 'MONTHLY') return day.year * 12 + day.month;
  return BYWEEKNO ? week.year : day.year;
}

function conditionFor(rule: Rule, start: Day, overflow: Calendar['overflow']): (day: Day, week: Week) => boolean {
  const { FREQ, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYDAY } = rule;
  const choosesDays = BYMONTHDAY || BYYEARDAY || BYDAY;
  const needsWeekday = !choosesDays && (FREQ === 'WEEKLY' || BYWEEKNO);
  const needsMonthDay = !choosesDays && !BYWEEKNO && (FREQ === 'MONTHLY' || FREQ === 'YEARLY');
  const months = BYMONTH ?? (needsMonthDay && FREQ === 'YEARLY' ? [start.month] : undefined);
  const monthDays = BYMONTHDAY ?? (needsMonthDay ? [start.monthDay[0]] : undefined);
  const weekdays = BYDAY ?? (needsWeekday ? [{ nth: null, weekday: start.weekday }] : undefined);
  const inMonth = FREQ === 'MONTHLY' || BYMONTH;
  const isOneOf = (numbers: readonly number[], places: readonly number[]) => places.some((n) => numbers.includes(n));

  return (day, week) =>
    (!months || months.includes(day.month)) &&
    (!monthDays || monthDays.some((wanted) => monthDayOf(day, wanted, overflow) === day.monthDay[0])) &&
    (!BYYEARDAY || isOneOf(BYYEARDAY, day.yearDay)) &&
    (!BYWEEKNO || isOneOf(BYWEEKNO, week.number)) &&
    (!weekdays ||
      weekdays.some(
        ({ nth, weekday }) =>
          weekday === day.weekday && (nth === null || isOneOf([nth], inMonth ? day.nthInMonth : day.nthInYear)),
      ));
}

/** The day of the month that a BYMONTHDAY means in the month of a day, if any. */
function monthDayOf({ monthDay: [fromStart, fromEnd] }: Day, wanted: number, overflow: string): number | null {
  const length = fromStart - fromEnd - 1;
  if (wanted < 0) return length + wanted >= 0 ? length + wanted + 1 : null;
  if (wanted <= length) return wanted;
  return overflow === 'clamp' ? length : null;
}

/** What a calendar comes to from its start on: `slots`, in order; with `ended`, all of them, or else those up to one. */
export interface Expected {
  slots: Occurrence[];
  ended: boolean;
}

/** The first occurrences of a calendar whose rule is given as its parts: those up to the `count`th date of the rule. */
export function occurrencesDayByDay(calendar: Calendar, rule: Rule, count: number): Expected {
  const [startDate = '', time] = calendar.start.split('T');
  const ofRule: string[] = [];
  let ended = true;
  for (const date of datesDayByDay(rule, startDate, calendar.overflow)) {
    const local = time === undefined ? date : `${date}T${time}`;
    if (isOver(rule, local, calendar, ofRule.length)) break;
    if (calendar.gap === 'skip' && !showsAt(local, calendar.timeZone)) continue;
    if (ofRule.length === count) {
      ended = false;
      break;
    }
    ofRule.push(local);
  }
  const end = ended ? '9999' : (ofRule.at(-1) as string);
  const added = calendar.rdates.filter(
    (local) => local <= end && (calendar.gap === 'shift' || showsAt(local, calendar.timeZone)),
  );
  const slots = [...new Set([...ofRule, ...added])].filter((local) => !calendar.exdates.includes(local)).sort();
  return { slots: slots.map((local) => ({ local, at: instantBy(local, calendar.timeZone) })), ended };
}

function isOver({ COUNT, UNTIL }: Rule, local: string, { timeZone }: Calendar, count: number): boolean {
  if (COUNT !== undefined) return count >= COUNT;
  if (!UNTIL) return false;
  if ('date' in UNTIL) return local.slice(0, 10) > UNTIL.date;
  return 'local' in UNTIL ? local > UNTIL.local : instantBy(local, timeZone) > UNTIL.instant;
}

/** The instant of a wall time, or the start of a day, as Temporal has it. */
function instantBy(local: string, timeZone: string): Date {
  return new Date(zonedBy(local, timeZone).epochMilliseconds);
}

/** Whether clocks of a zone show a wall time, or a day. */
function showsAt(local: string, timeZone: string): boolean {
  return zonedBy(local, timeZone).toPlainDateTime().toString({ smallestUnit: 'second' }).startsWith(local);
}

function zonedBy(local: string, timeZone: string): Temporal.ZonedDateTime {
  return local.includes('T')
    ? Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone)
    : Temporal.PlainDate.from(local).toZonedDateTime(timeZone);
}
