import { invalid } from './errors.ts';
import { type Calendar, isAllDay, type Occurrence, occurrenceAt, readRule } from './recurrence.ts';
import { changed, countOf, requireGoingOn, type Series, withCount } from './series.ts';
import { latest, patchedSeries, type Situation, slotOf, type TaskChange } from './seriesChanges.ts';
import type { SeriesPatch } from './seriesPatch.ts';
import { comingSlot } from './seriesSkip.ts';
import { sameJson } from './taskChanges.ts';
import { addDays, dateOf } from './time.ts';

/** From this day of the month on, a month can lack it: then a slot does not tell the day that the rule means. */
const FIRST_UNSURE_DAY = 29;
/** How many slots of the new rule are compared with the old one's: an interval counted otherwise shows in the first. */
const COMPARED_SLOTS = 5;

export interface SplitOptions {
  /** The slot that is the first of the new series. */
  from: string;
  /** What is different in it. */
  patch: SeriesPatch;
  /** Its id. */
  id: string;
}

/** The old series, the new one, and the open instances that move over. */
export interface Split {
  before: Series;
  after: Series;
  tasks: TaskChange[];
}

/**
 * Ends a series before a slot and begins another one there, with some things changed. Open instances from that slot on
 * move over; what is done stays. COUNT is divided. Throws `invalid` for what is no slot, or had its turn, and for the
 * first slot: before it there is nothing to keep.
 */
export async function split(series: Series, { from, patch, id }: SplitOptions, situation: Situation): Promise<Split> {
  requireGoingOn(series);
  const { now, open } = situation;
  const moving = open.filter((task) => slotOf(task) >= from);
  const slot = await slotFrom(series, from, situation);
  const { calendar, choices, next } = series;
  const calendars =
    choices.mode === 'fixed'
      ? await dividedAt(calendar, slot)
      : { before: calendar, after: countedFurther(calendar, slot, series.made - moving.length) };

  const stays = choices.mode === 'fixed' && next !== null && next.local < from ? next : null;
  const staying = open.filter((task) => !moving.includes(task)).map(slotOf);
  const before = changed(series, now, {
    ...{ calendar: calendars.before, next: stays, made: series.made - moving.length },
    ...(moving.length > 0 && { last: latest([...situation.done, ...staying]) }),
    ...(stays === null && { state: 'ended' }),
  });
  const beginning: Series = {
    ...{ ...series, id, calendar: calendars.after, made: moving.length, passedOver: 0 },
    ...{ next: moving.length > 0 ? next : slot, createdAt: now.toISOString(), updatedAt: now.toISOString() },
  };
  const begun: Series = beginning.next || choices.mode !== 'fixed' ? beginning : { ...beginning, state: 'ended' };
  const { series: after, tasks } = await patchedSeries(begun, patch, { ...situation, open: moving });
  return { before, after: { ...after, version: 1 }, tasks };
}

async function slotFrom(series: Series, from: string, { open }: Situation): Promise<Occurrence> {
  const { calendar, last } = series;
  const instance = open.find((task) => slotOf(task) === from);
  const slot = instance ? occurrenceAt(from, calendar.timeZone) : await comingSlot(series, from);
  if (!slot)
    throw refused(last !== null && from <= last ? 'Had its turn.' : 'Is no slot that the series has before it.');
  if (instance && series.made === 1) throw refused('Is the first slot of the series: change the whole series instead.');
  return slot;
}

function refused(detail: string) {
  return invalid({ pointer: '/from', detail });
}

/** A calendar that counts from completions, from a slot on, after so many instances. */
function countedFurther(calendar: Calendar, slot: Occurrence, made: number): Calendar {
  const count = countOf(calendar.rule);
  return {
    ...calendar,
    start: slot.local,
    rule: count === null ? calendar.rule : withCount(calendar.rule, count - made),
  };
}

/** A calendar as it goes up to, not including, a slot, and as it goes on from there. */
async function dividedAt(calendar: Calendar, slot: Occurrence): Promise<{ before: Calendar; after: Calendar }> {
  const { checkRule, latestOccurrence, nextOccurrence } = await import('./occurrences.ts');
  const rule: Calendar = { ...calendar, exdates: [], rdates: [] };
  const earlier = latestOccurrence(rule, checkRule(rule, '/from').local, new Date(slot.at.getTime() - 1));
  if (!earlier) throw refused('Nothing of the rule comes before it: change the whole series instead.');
  if (nextOccurrence(rule, earlier.occurrence.local)?.local !== slot.local) throw refused('Is no time of the rule.');

  const times = earlier.passedOver + 1;
  const count = countOf(calendar.rule);
  const explicit = withDayOfStart(calendar);
  const isBefore = (local: string) => local < slot.local;
  const after = {
    ...calendar,
    start: slot.local,
    rule: count === null ? explicit : withCount(explicit, count - times),
    exdates: calendar.exdates.filter((local) => !isBefore(local)),
    rdates: calendar.rdates.filter((local) => !isBefore(local)),
  };
  const before = {
    ...calendar,
    rule: count === null ? endedBefore(calendar.rule, slot) : withCount(calendar.rule, times),
    exdates: calendar.exdates.filter(isBefore),
    rdates: calendar.rdates.filter(isBefore),
  };
  const slotsOf = (of: Calendar) => {
    let found = nextOccurrence(of, earlier.occurrence.local);
    const slots = [found];
    while (found && slots.length < COMPARED_SLOTS) {
      found = nextOccurrence(of, found.local);
      slots.push(found);
    }
    return slots;
  };
  if (sameJson(slotsOf(rule), slotsOf({ ...rule, start: after.start, rule: after.rule }))) return { before, after };
  throw refused('The rule cannot be counted from there: split the series at another slot.');
}

/** A rule with the day of the month, and month, that it takes from its start, where a slot may have another. */
function withDayOfStart({ rule: text, start }: Calendar): string {
  const { rule } = readRule(text);
  const [, month, day] = dateOf(start).split('-').map(Number);
  if (!rule || day === undefined || day < FIRST_UNSURE_DAY) return text;
  const { FREQ, BYDAY, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYMONTH } = rule;
  if ((FREQ !== 'MONTHLY' && FREQ !== 'YEARLY') || BYDAY || BYMONTHDAY || BYYEARDAY || BYWEEKNO) return text;
  return `${text}${FREQ === 'YEARLY' && !BYMONTH ? `;BYMONTH=${month}` : ''};BYMONTHDAY=${day}`;
}

/** A rule with an UNTIL before a slot: the day before, or (RFC 5545 3.3.10: in UTC) the second before. */
function endedBefore(rule: string, { local, at }: Occurrence): string {
  const parts = rule.split(';').filter((part) => !part.startsWith('UNTIL='));
  const until = isAllDay(local) ? addDays(local, -1) : new Date(at.getTime() - 1000).toISOString().replace(/\.\d+/, '');
  return [...parts, `UNTIL=${until.replace(/[-:]/g, '')}`].join(';');
}
