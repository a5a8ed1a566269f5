import { localOf, type Zone } from '../due.ts';
import { isAllDay } from '../recurrence.ts';
import { component, textValue, writeLines } from './contentLines.ts';
import { type CalendarSeries, type CalendarTask, type EntryKind, seriesEntry, taskEntry } from './entries.ts';
import { type Effort, scheduleOf } from './schedule.ts';
import { type Span, timeZoneComponent } from './timeZoneComponent.ts';

const PRODUCT = '-//Evolution Todo//Evolution Todo//EN';
const DEFAULT_NAME = 'Tasks';
/** How often a calendar should look again; each decides by itself. */
const REFRESH = 'PT1H';
const CUT = 'Some of your tasks are too many to be shown here.';
/** More than anybody lives in; each takes milliseconds to look through. */
const MOST_ZONES = 40;
/** Enough for series that end by COUNT, are overdue, or recur as no RRULE can say; bounds the making to seconds. */
const MOST_QUESTIONS = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What a calendar shows. */
export interface CalendarContent {
  /** What the user calls it. */
  name: string | null;
  tasks: readonly CalendarTask[];
  series: readonly CalendarSeries[];
  /** Whether there were too many of them, and some are left out. */
  isCut: boolean;
}

/**
 * Tasks and series as an iCalendar file (RFC 5545): each task an entry under its id, and each series one more under its
 * own, for the times that have no task yet. So nothing depends on how a reader joins a series with its exceptions. The
 * same content gives the same file until a time of a series has passed. Of more zones than anybody lives in, tasks are
 * told in UTC, and series are left out.
 */
export async function calendarFile(content: CalendarContent, as: EntryKind, now: Date): Promise<string> {
  const zones = zonesOf(content, now);
  const options = { as, zones: new Set([...zones].flatMap(([name, lines]) => (lines.length > 0 ? [name] : []))) };
  const effort: Effort = { left: MOST_QUESTIONS };
  const entries = content.tasks.map((task) => taskEntry(task, options));
  for (const series of content.series) {
    // Without its zone, a rule would go wrong at the next clock change.
    const { timeZone, floating } = series.calendar;
    const isTold = isAllDay(series.next.local) || floating || zones.has(timeZone);
    const schedule = isTold ? await scheduleOf(series, now, effort) : null;
    if (schedule) entries.push(seriesEntry(series, schedule, options));
  }
  return writeLines(component('VCALENDAR', [...headOf(content), ...[...zones.values()].flat(), ...entries.flat()]));
}

/** Without METHOD, which would make it an invitation or a message (RFC 5546). */
function headOf({ name, isCut }: CalendarContent): string[] {
  const title = textValue(name ?? DEFAULT_NAME);
  return [
    'VERSION:2.0',
    `PRODID:${PRODUCT}`,
    'CALSCALE:GREGORIAN',
    `NAME:${title}`,
    `X-WR-CALNAME:${title}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${REFRESH}`,
    `X-PUBLISHED-TTL:${REFRESH}`,
    ...(isCut ? [`DESCRIPTION:${CUT}`, `X-WR-CALDESC:${CUT}`] : []),
  ];
}

/** The VTIMEZONE of each zone that has a time of day in the file; no lines for one that shows UTC. */
function zonesOf({ tasks, series }: CalendarContent, now: Date): Map<string, string[]> {
  const spans = new Map<string, Span>();
  const include = (local: string, { timeZone, floating }: Zone) => {
    if (isAllDay(local) || floating) return;
    const about = Date.parse(`${local}Z`);
    const { earliest, latest } = spans.get(timeZone) ?? { earliest: now, latest: now };
    spans.set(timeZone, {
      earliest: new Date(Math.min(earliest.getTime(), about - DAY_MS)),
      latest: new Date(Math.max(latest.getTime(), about + DAY_MS)),
    });
  };
  for (const { calendar, next } of series) include(next.local, calendar);
  for (const { due } of tasks) if (due) include(localOf(due), due);
  const kept = [...spans].slice(0, MOST_ZONES);
  return new Map(kept.map(([timeZone, span]) => [timeZone, timeZoneComponent(timeZone, span, now)]));
}
