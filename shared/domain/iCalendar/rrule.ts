import { type Calendar, type Rule, readRule, type Until } from '../recurrence.ts';
import { withPartsOfStart } from '../ruleParts.ts';
import { dateOf, instantOf, monthLengthOf } from '../time.ts';
import { localValue, utcValue } from './dateTimes.ts';

/** Every month has this day. */
const LAST_SURE_DAY = 28;
const MONTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/**
 * The rule of a calendar as an RRULE of RFC 5545 that names the same times from any of them on, all parts written out;
 * null where there is none. `last` is the last of them where the rule ends by COUNT, which counts from the start alone.
 *
 * What stands in for a day that a month lacks would be told by RFC 7529 (RSCALE and SKIP), which few calendars know and
 * some refuse. So the last day of each month is -1, the 30th or else the last day the last one of 28, 29 and 30.
 */
export function rruleOf(calendar: Calendar, last: string | null): string | null {
  const { rule: given } = readRule(calendar.rule);
  if (!given) return null;
  const rule = withPartsOfStart(given, dateOf(calendar.start));
  // A week at the turn of the year belongs to the year of its Thursday: counted from there, every other year can differ.
  if (rule.BYWEEKNO && rule.INTERVAL > 1) return null;
  const parts = calendar.overflow === 'clamp' ? withLastDays(rule) : rule;
  return parts && write(parts, untilOf(last ? { local: last } : rule.UNTIL, calendar));
}

/** A rule that clamps as one that needs not to. */
function withLastDays(rule: Rule): Rule | null {
  const { FREQ, INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS } = rule;
  const latest = Math.max(...(BYMONTHDAY ?? [0]));
  const lengths = (BYMONTH ?? MONTHS).flatMap((month) => lengthsOf(month));
  if (lengths.every((length) => latest <= length)) return rule;
  if (lengths.every((length) => latest >= length)) {
    const days = BYMONTHDAY?.map((day) => (day === latest ? -1 : day)) ?? [];
    return { ...rule, BYMONTHDAY: [...new Set(days)] };
  }
  const inEachMonth = FREQ === 'MONTHLY' || INTERVAL === 1;
  if (!inEachMonth || BYMONTHDAY?.length !== 1 || BYDAY || BYSETPOS) return null;
  const days = Array.from({ length: latest - LAST_SURE_DAY + 1 }, (_, index) => LAST_SURE_DAY + index);
  return { ...rule, FREQ: 'MONTHLY', BYMONTHDAY: days, BYSETPOS: [-1] };
}

/** The lengths that a month can have. */
function lengthsOf(month: number): number[] {
  return [2023, 2024].map((year) => monthLengthOf(`${year}-${month}-1`));
}

/** The last time that a rule allows, of the type that RFC 5545 3.3.10 asks for beside a DTSTART with a zone or date. */
function untilOf(until: Until | undefined, { start, timeZone }: Calendar): string | null {
  if (!until) return null;
  if ('instant' in until) return utcValue(until.instant);
  const time = start.slice(dateOf(start).length);
  const last = 'local' in until ? until.local : `${until.date}${time}`;
  return time === '' ? localValue(last) : utcValue(instantOf(last, timeZone, 'shift'));
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
