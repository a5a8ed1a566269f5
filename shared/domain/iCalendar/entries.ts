import { localOf, zoneOf } from '../due.ts';
import { isAllDay } from '../recurrence.ts';
import type { Task, TaskTemplate } from '../task.ts';
import { seriesAlarms, taskAlarms } from './alarms.ts';
import { component, textValue } from './contentLines.ts';
import { type KnownZones, timesProperty, utcValue } from './dateTimes.ts';
import type { OngoingSeries, Schedule } from './schedule.ts';

/** What a calendar shows tasks as: to-dos, or events, which are all that many calendars show. */
export type EntryKind = 'tasks' | 'events';

/** As much of a task as a calendar shows. */
export type CalendarTask = Pick<
  Task,
  'id' | 'title' | 'description' | 'priority' | 'tags' | 'status' | 'due' | 'version' | 'updatedAt' | 'completedAt'
> & {
  /** When it will remind: instants. */
  remindAt: readonly string[];
};

/** A series as a calendar shows it: what of it is ahead. */
export interface CalendarSeries extends OngoingSeries {
  id: string;
  template: TaskTemplate;
  updatedAt: string;
}

export interface EntryOptions {
  as: EntryKind;
  zones: KnownZones;
}

/** Between 1, the highest, and 9, the lowest (RFC 5545 3.8.1.9). */
const PRIORITIES = { high: 1, medium: 5, low: 9 };
/** Events have no state that says done; this is the same in every language. */
const DONE = '✓ ';

/** A task as a VTODO or VEVENT. No lines where it would be an event at no time. */
export function taskEntry(task: CalendarTask, { as, zones }: EntryOptions): string[] {
  const { due, completedAt } = task;
  if (as === 'events' && !due) return [];
  const times = due ? timesProperty(as === 'tasks' ? 'DUE' : 'DTSTART', [localOf(due)], { ...due, zones }) : [];
  const done = completedAt ? ['STATUS:COMPLETED', `COMPLETED:${utcValue(new Date(completedAt))}`] : OPEN;
  const title = as === 'events' && completedAt ? DONE + task.title : task.title;
  return entry(as, [
    `UID:${task.id}`,
    `DTSTAMP:${utcValue(new Date(task.updatedAt))}`,
    `SEQUENCE:${task.version}`,
    ...[times].flat(),
    ...(as === 'tasks' ? done : FREE),
    ...descriptionOf({ ...task, title }),
    ...taskAlarms(task.remindAt, textValue(task.title)),
  ]);
}

/**
 * What is ahead of a series as a recurring VTODO or VEVENT. A to-do is due when it starts: RFC 5545 wants it due later
 * (3.8.2.3), but then calendars show a wrong time, and Apple's own Reminders writes it so, too.
 */
export function seriesEntry(series: CalendarSeries, schedule: Schedule, { as, zones }: EntryOptions): string[] {
  const { start, rule, rdates, exdates } = schedule;
  const { template, calendar } = series;
  const times = (name: string, locals: readonly string[]) =>
    locals.length > 0 ? [timesProperty(name, locals, { ...zoneOf(calendar), zones })] : [];
  return entry(as, [
    `UID:${series.id}`,
    `DTSTAMP:${utcValue(new Date(series.updatedAt))}`,
    ...times('DTSTART', [start]),
    ...(as === 'tasks' ? [...times('DUE', [start]), ...OPEN] : FREE),
    ...(rule ? [`RRULE:${rule}`] : []),
    ...times('RDATE', rdates),
    ...times('EXDATE', exdates),
    ...descriptionOf(template),
    ...seriesAlarms(template.reminders, isAllDay(start), textValue(template.title)),
  ]);
}

const OPEN = ['STATUS:NEEDS-ACTION'];
/** What is to be done is no appointment. */
const FREE = ['TRANSP:TRANSPARENT'];

function entry(as: EntryKind, lines: readonly string[]): string[] {
  return component(as === 'tasks' ? 'VTODO' : 'VEVENT', lines);
}

function descriptionOf({ title, description, priority, tags }: Omit<TaskTemplate, 'reminders'>): string[] {
  return [
    `SUMMARY:${textValue(title)}`,
    ...(description ? [`DESCRIPTION:${textValue(description)}`] : []),
    `PRIORITY:${PRIORITIES[priority]}`,
    ...(tags.length > 0 ? [`CATEGORIES:${tags.map(textValue)}`] : []),
  ];
}
