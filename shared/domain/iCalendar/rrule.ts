import { type Calendar, type Rule, readRule, type Until } from '../recurrence.ts';
import { dateOf, instantOf, localDateTimeOf } from '../time.ts';
import { localValue, utcValue } from './dateTimes.ts';

const MONTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/**
 * The rule of a calendar as an RRULE of RFC 5545 that names the same times from any of them on; null where there is none
 * that readers agree on. `last` is the last of them where the rule ends by COUNT, which counts from the start alone.
 *
 * What stands in for a day that a month lacks would be told by RFC 7529 (RSCALE and SKIP), which few calendars know and
 * some refuse. The last day of each month is -1; the 30th or else the last day could be chosen among three by BYSETPOS,
 * but ical.js, and so Thunderbird, chooses among weekdays only.
 */
export function rruleOf(calendar: Calendar, last: string | null): string | null {
  const { rule: given } = readRule(calendar.rule);
  if (!given || (given.BYSETPOS && !given.BYDAY)) return null;
  const rule = withDayOfStart(given, dateOf(calendar.start));
  // A week at the turn of the year belongs to the year of its Thursday: counted from there, every other year can differ.
  // Of every other month, ical.js takes all that BYMONTH names.
  if (rule.INTERVAL > 1 && (rule.BYWEEKNO || (rule.BYMONTH && rule.FREQ !== 'YEARLY'))) return null;
  const clamped = calendar.overflow === 'clamp' ? withLastDays(rule) : rule;
  const parts = clamped && byMonthDay(clamped);
  return parts && write(parts, untilOf(last ? { local: last } : rule.UNTIL, calendar));
}

/** A rule of months or years with the day written out that it leaves to the start, since a shorter month has another. */
function withDayOfStart(rule: Rule, startDate: string): Rule {
  const { FREQ, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYDAY } = rule;
  const isNamed = BYMONTHDAY || BYYEARDAY || BYWEEKNO || BYDAY;
  if (isNamed || FREQ === 'DAILY' || FREQ === 'WEEKLY') return rule;
  const [month, day] = startDate.split('-').slice(1).map(Number) as [number, number];
  return { ...rule, BYMONTH: FREQ === 'YEARLY' ? (BYMONTH ?? [month]) : BYMONTH, BYMONTHDAY: [day] };
}

/**
 * A rule of days of the month, of each day, month or year, in a form that ical.js takes for what it is; null where it
 * knows none: of several days in months of a BYMONTH it repeats some, and in a year it counts none from the end of a month
 * and takes one that a month lacks for one of the next.
 */
function byMonthDay(rule: Rule): Rule | null {
  const { INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS } = rule;
  if (!BYMONTHDAY || BYSETPOS || BYDAY?.some(({ nth }) => nth)) return rule;
  const fromEnd = BYMONTHDAY.some((day) => day < 0);
  const each = BYMONTH && !fromEnd ? 'YEARLY' : 'MONTHLY';
  const FREQ = INTERVAL === 1 ? each : rule.FREQ;
  const months = BYMONTH ?? MONTHS;
  const isSure = !fromEnd && Math.max(...BYMONTHDAY) <= Math.min(...months.flatMap(lengthsOf));
  if (FREQ === 'YEARLY') return isSure ? { ...rule, FREQ, BYMONTH: months } : null;
  return BYMONTH && BYMONTHDAY.length > 1 ? null : { ...rule, FREQ };
}

/** A rule that clamps as one that needs not to; null where there is none. */
function withLastDays(rule: Rule): Rule | null {
  const { BYMONTH, BYMONTHDAY = [] } = rule;
  const latest = Math.max(...BYMONTHDAY, 0);
  const lengths = (BYMONTH ?? MONTHS).flatMap(lengthsOf);
  if (lengths.every((length) => latest <= length)) return rule;
  if (lengths.some((length) => latest < length)) return null;
  return { ...rule, BYMONTHDAY: [...new Set(BYMONTHDAY.map((day) => (day === latest ? -1 : day)))] };
}

/** The lengths that a month, 1 to 12, can have. */
function lengthsOf(month: number): number[] {
  // Day 0 of the next month is the last of this one.
  return [2023, 2024].map((year) => new Date(Date.UTC(year, month, 0)).getUTCDate());
}

/** The last time that a rule allows, of the type that RFC 5545 3.3.10 asks for beside the DTSTART. */
function untilOf(until: Until | undefined, { start, timeZone, floating }: Calendar): string | null {
  if (!until) return null;
  if ('instant' in until) {
    return floating ? localValue(localDateTimeOf(until.instant, timeZone)) : utcValue(until.instant);
  }
  const time = start.slice(dateOf(start).length);
  const last = 'local' in until ? until.local : `${until.date}${time}`;
  return time === '' || floating ? localValue(last) : utcValue(instantOf(last, timeZone, 'shift'));
}

/** FREQ stands first: Apple Calendar shows one time only of a rule that begins otherwise (ridafkih/keeper.sh#398). */
function write(rule: Rule, until: string | null): string {
  const { FREQ, INTERVAL, WKST, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYSETPOS } = rule;
  const BYDAY = rule.BYDAY?.map(({ nth, weekday }) => `${nth ?? ''}${weekday}`);
  const given = { INTERVAL: INTERVAL > 1 && INTERVAL, UNTIL: until, WKST: WKST !== 'MO' && WKST };
  return Object.entries({ FREQ, ...given, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYDAY, BYSETPOS })
    .flatMap(([name, value]) => (value ? `${name}=${value}` : []))
    .join(';');
}
