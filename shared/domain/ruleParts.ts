import type { Rule, Weekday } from './recurrence.ts';
import { dateOf, dayOf, monthOf } from './time.ts';

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;

/** The days that a rule leaves out and that RFC 5545 3.3.10 takes from the start, written out. */
export function withPartsOfStart(rule: Rule, startDate: string): Rule {
  // Every day that is a 13th is the 13th of every month, which is found without looking at the other days.
  if (rule.FREQ === 'DAILY' && rule.BYMONTHDAY) return { ...rule, FREQ: 'MONTHLY' };
  if (rule.FREQ === 'DAILY' || rule.BYDAY || rule.BYMONTHDAY || rule.BYYEARDAY) return rule;
  if (rule.FREQ === 'WEEKLY' || rule.BYWEEKNO) {
    return { ...rule, BYDAY: [{ nth: null, weekday: weekdayOf(startDate) }] };
  }
  const BYMONTH = rule.FREQ === 'YEARLY' ? (rule.BYMONTH ?? [monthOf(startDate)]) : rule.BYMONTH;
  return { ...rule, BYMONTH, BYMONTHDAY: [dayOf(startDate)] };
}

/** The weekday of a local date or date-time. */
export function weekdayOf(local: string): Weekday {
  return WEEKDAYS[new Date(dateOf(local)).getUTCDay()] as Weekday;
}
