import ICAL from 'ical.js';
import rrule from 'rrule';
import { RRuleTemporal } from 'rrule-temporal';
import { nextOccurrence } from '../../shared/domain/occurrences.ts';
import type { Calendar } from '../../shared/domain/recurrence.ts';

const LOCAL_LENGTH = 'YYYY-MM-DDTHH:mm:ss'.length;

/** What engines are asked: what a rule, read anew from its text, has next after a local time. */
export interface Question {
  calendar: Calendar;
  after: string;
  /** The same as an instant, for those that reckon in instants. */
  afterAt: Date;
}

/** Answers with the local time, to the second; undefined for none. */
export type Engine = (question: Question) => string | undefined;

/** The project's own, which finds the instant in the rule's zone as well. */
export const own: Engine = ({ calendar, after }) => nextOccurrence({ ...calendar }, after)?.local;

/**
 * Others, by the names of their packages, each in the shortest way that its documentation has. `ical.js` and `rrule` are
 * asked for the local time alone, which is less than the project's own does; `rrule-temporal` cannot but reckon in zones.
 */
export const others: Readonly<Record<string, Engine>> = {
  'ical.js': ({ calendar, after }) => {
    const iterator = ICAL.Recur.fromString(calendar.rule).iterator(ICAL.Time.fromDateTimeString(calendar.start));
    const behind = ICAL.Time.fromDateTimeString(after);
    for (let time = iterator.next(); time; time = iterator.next()) {
      if (time.compare(behind) > 0) return time.toString();
    }
    return undefined;
  },
  rrule: ({ calendar, after }) => {
    const rule = new rrule.RRule({
      ...rrule.RRule.parseString(calendar.rule),
      dtstart: new Date(`${calendar.start}Z`),
    });
    return rule
      .after(new Date(`${after}Z`))
      ?.toISOString()
      .slice(0, LOCAL_LENGTH);
  },
  'rrule-temporal': ({ calendar, afterAt }) => {
    const start = `DTSTART;TZID=${calendar.timeZone}:${calendar.start.replace(/[-:]/g, '')}`;
    const rule = new RRuleTemporal({ rruleString: `${start}\nRRULE:${calendar.rule}` });
    return rule.next(afterAt)?.toPlainDateTime().toString();
  },
};
