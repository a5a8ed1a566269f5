import { invalid } from './errors.ts';
import { type Calendar, isAllDay, type Occurrence, occurrenceAt } from './recurrence.ts';
import { changed, requireGoingOn, type Series } from './series.ts';
import type { SeriesChange } from './seriesChanges.ts';
import { countedBy, doneAt, endOf, isAhead } from './seriesProgress.ts';
import type { Task } from './task.ts';
import { deleted } from './taskChanges.ts';
import { addDays, dateOf } from './time.ts';

/** As many dates as a recurrence may leave out. */
const MOST_EXDATES = 100;

/**
 * The series without one slot that is ahead. If that has an open instance, it is deleted, and the series goes on. Skipped
 * already, nothing changes. Throws `invalid` for what is no slot of the series, or had its turn.
 */
export async function skipped(
  series: Series,
  slot: string,
  { instance, now }: { instance: Task | null; now: Date },
): Promise<SeriesChange> {
  requireGoingOn(series);
  const { calendar, choices } = series;
  const open = instance?.status === 'open' && instance.deletedAt === null ? instance : null;
  if (!open && calendar.exdates.includes(slot)) return { series, tasks: [] };
  if (!open) await requireComing(series, slot, instance);
  if (!isAhead(occurrenceAt(slot, calendar.timeZone), calendar.timeZone, now)) throw refused('Its time has passed.');

  const after = { ...series, calendar: withExdate(series, slot) };
  const tasks = open ? [{ before: open, after: deleted(open, now) }] : [];
  if (open && choices.mode === 'after_completion') return { series: await doneAt(after, slot, now), tasks };
  const { nextOccurrence } = await import('./occurrences.ts');
  const next = series.next?.local === slot ? nextOccurrence(countedBy(after), slot) : series.next;
  const ends = choices.mode === 'fixed' && next === null;
  return { series: changed(after, now, { next, ...(ends && { state: 'ended' }) }), tasks };
}

async function requireComing(series: Series, slot: string, instance: Task | null): Promise<void> {
  if (instance) throw refused(instance.deletedAt === null ? 'Its task is done.' : 'Its task is deleted.');
  if (!(await comingSlot(series, slot))) throw refused('Is no slot that the series has before it.');
}

function refused(detail: string) {
  return invalid({ pointer: '/occurrence', detail });
}

/** The slot with this nominal local time, if the series has yet to come to it. */
export async function comingSlot({ calendar, choices, next }: Series, slot: string): Promise<Occurrence | null> {
  if (!next || slot < next.local || isAllDay(slot) !== isAllDay(calendar.start)) return null;
  if (choices.mode === 'after_completion' || slot === next.local) return slot === next.local ? next : null;
  const { nextOccurrence } = await import('./occurrences.ts');
  let found = nextOccurrence(calendar, endOf(addDays(dateOf(slot), -1), calendar));
  while (found && found.local < slot) found = nextOccurrence(calendar, found.local);
  return found?.local === slot ? found : null;
}

/** Of more dates than there may be, those go that have passed. */
function withExdate({ calendar, last }: Series, slot: string): Calendar {
  const given = [...new Set([...calendar.exdates, slot])].sort();
  const exdates = given.length > MOST_EXDATES ? given.filter((date) => last === null || date > last) : given;
  if (exdates.length > MOST_EXDATES) throw refused(`The series skips ${MOST_EXDATES} dates, and may skip no more.`);
  return { ...calendar, exdates };
}
