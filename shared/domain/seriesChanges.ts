import { DomainError } from './errors.ts';
import { dueOf, type Occurrence, occurrenceAt } from './recurrence.ts';
import { changed, creationLead, isComplete, type Series } from './series.ts';
import { type Plan, patchedPlan, type SeriesPatch } from './seriesPatch.ts';
import { countedBy, endOf, firstAhead, isAhead, nextAfterCompletion } from './seriesProgress.ts';
import type { Task, TaskPatch } from './task.ts';
import { changedFields, deleted, type NewId, patched, sameJson } from './taskChanges.ts';
import { dateOf } from './time.ts';

/** What a change of a series stands on. */
export interface Situation {
  /** Open instances, by slot. */
  open: readonly Task[];
  /** Slots of instances that are done or deleted. */
  done: readonly string[];
  newId: NewId;
  now: Date;
  /** Where the user is, for what floats. */
  userZone: string;
}

/** A task before and after a change of its series. */
export interface TaskChange {
  before: Task;
  after: Task;
}

/** A series after a change, and its instances that change with it. */
export interface SeriesChange {
  series: Series;
  tasks: TaskChange[];
}

/**
 * The series with a patch applied. What the patch changes of the template changes in the open instances where they have
 * the old value. Another schedule gives the open instances whose time is ahead the slots that it has for them; the others
 * stay where they are. Throws `invalid` where it has no slot ahead.
 */
export async function patchedSeries(series: Series, patch: SeriesPatch, situation: Situation): Promise<SeriesChange> {
  const plan = patchedPlan(series, patch, situation.userZone);
  const after = { ...series, ...plan };
  const { open, now } = situation;
  if (sameJson(schedulesOf(plan), schedulesOf(patchedPlan(series, {}, series.calendar.timeZone)))) {
    const tasks = open.flatMap((task) => taskChange(task, series, after, situation));
    const isSame = tasks.length === 0 && sameJson(plan.template, series.template);
    return { series: isSame ? series : changed(series, now, plan), tasks };
  }
  const { slots, surplus, next, last } = await reschedule(series, after, situation);
  const waiting = series.next && firstAhead(await import('./occurrences.ts'), countedBy(series), series.next, now);
  const staying = open.filter((task) => !surplus.includes(task));
  return {
    series: changed(series, now, {
      ...plan,
      ...{ next, last, state: stateOf(after, next, open) },
      passedOver: series.passedOver + (waiting?.passedOver ?? 0),
      ...(plan.choices.mode === 'fixed' && { doneOn: null }),
    }),
    tasks: [
      ...staying.flatMap((task) => taskChange(task, series, after, situation, slots)),
      ...surplus.map((task) => ({ before: task, after: deleted(task, now) })),
    ],
  };
}

/** A series that starts at a floating time, its user now being in another zone. */
export function relocatedSeries(series: Series, userZone: string, now: Date): Series {
  const { calendar, next } = series;
  return changed(series, now, {
    calendar: { ...calendar, timeZone: userZone },
    next: next && occurrenceAt(next.local, userZone),
  });
}

function schedulesOf({ calendar, choices }: Plan) {
  return [calendar, choices];
}

function stateOf({ choices, calendar, made, state }: Series, next: Occurrence | null, open: readonly Task[]) {
  const waits = choices.mode === 'after_completion' && open.length > 0 && !isComplete(calendar, made);
  if (!next && !waits) return 'ended';
  return state === 'ended' ? 'active' : state;
}

/** What becomes of open instances of a series that are ahead by its old schedule, and what of the series. */
interface Rescheduled {
  /** The slots that they get, by task. */
  slots: ReadonlyMap<string, Occurrence>;
  /** Those that get none: they would not have been made yet. */
  surplus: readonly Task[];
  next: Occurrence | null;
  last: string | null;
}

/** Gives the slots of a new schedule that are to have instances to the open ones that are ahead, each its own if it can. */
async function reschedule(before: Series, after: Series, { open, done, now }: Situation): Promise<Rescheduled> {
  const engine = await import('./occurrences.ts');
  engine.checkRule(after.calendar, '/recurrence/rule');
  const { timeZone } = before.calendar;
  const ahead = open.filter((task) => isAhead(occurrenceAt(slotOf(task), timeZone), timeZone, now));
  const had = [...done, ...open.filter((task) => !ahead.includes(task)).map(slotOf)];
  const isFixed = after.choices.mode === 'fixed';
  if (!isFixed && ahead.length === 0 && open.length > 0) {
    return { slots: new Map(), surplus: [], next: null, last: before.last };
  }

  const [first] = ahead;
  const behind = latest(first ? had.filter((slot) => slot < slotOf(first)) : [...had, before.last]);
  const days = new Set(had.map(dateOf));
  const free = (slot: Occurrence | null) => {
    let found = slot;
    while (found && days.has(dateOf(found.local))) found = engine.nextOccurrence(countedBy(after), found.local);
    return found;
  };
  const until = new Date(now.getTime() + creationLead(after.template.reminders));
  let next = free(await firstBehind(behind, { ...after, made: after.made - ahead.length }, now));
  if (!next) throw new DomainError('invalid', 'The series would have no slot ahead: end it instead.');
  const taken: Occurrence[] = [];
  while (next && taken.length < ahead.length && (taken.length === 0 || (isFixed && next.at <= until))) {
    taken.push(next);
    next = free(engine.nextOccurrence(countedBy(after), next.local));
  }
  const slots = assigned(ahead, taken);
  return {
    ...{ slots, surplus: ahead.filter(({ id }) => !slots.has(id)) },
    next: isFixed || taken.length === 0 ? next : null,
    last: latest([...had, ...taken.map(({ local }) => local), ahead.length === 0 ? before.last : null]),
  };
}

/** Slots for tasks, by task: those that a task has already stay with it, the others go to the others in order. */
function assigned(tasks: readonly Task[], slots: readonly Occurrence[]): Map<string, Occurrence> {
  const own = (slot: Occurrence) => tasks.find((task) => task.occurrence === slot.local);
  const others = tasks.filter((task) => !slots.some(({ local }) => local === task.occurrence));
  return new Map(
    slots.flatMap((slot) => {
      const task = own(slot) ?? others.shift();
      return task ? [[task.id, slot]] : [];
    }),
  );
}

/** The first slot ahead that is on a later day than a slot. */
async function firstBehind(last: string | null, series: Series, now: Date): Promise<Occurrence | null> {
  const engine = await import('./occurrences.ts');
  const counted = countedBy(series);
  const first = await firstAfter(engine, last, series);
  return first && firstAhead(engine, counted, first, now).first;
}

function firstAfter(
  { checkRule, nextOccurrence }: typeof import('./occurrences.ts'),
  last: string | null,
  series: Series,
): Promise<Occurrence | null> | Occurrence | null {
  const { doneOn } = series;
  if (doneOn !== null && series.choices.mode === 'after_completion') {
    return nextAfterCompletion(series, { doneOn, slot: last ?? doneOn, behind: last ?? doneOn });
  }
  const counted = countedBy(series);
  return last === null ? checkRule(counted, '') : nextOccurrence(counted, endOf(dateOf(last), counted));
}

/** The next version of an open instance, unless it stays the same. */
function taskChange(
  task: Task,
  from: Plan,
  to: Plan & Pick<Series, 'id'>,
  { newId, now, userZone }: Situation,
  slots?: ReadonlyMap<string, Occurrence>,
): TaskChange[] {
  const slot = slots?.get(task.id);
  const patch: TaskPatch = { ...templatePatch(task, from, to) };
  const { timeZone } = from.calendar;
  if (slot && sameJson(task.due, dueOf(occurrenceAt(slotOf(task), timeZone), from.calendar))) {
    patch.due = dueOf(slot, to.calendar);
  }
  const after = {
    ...patched(task, patch, { newId, now, userZone }),
    seriesId: to.id,
    occurrence: slot?.local ?? task.occurrence,
  };
  return changedFields(task, after).length > 0 ? [{ before: task, after }] : [];
}

/** What has changed in a template, as far as a task has the old value. */
function templatePatch(task: Task, from: Plan, to: Plan): TaskPatch {
  const specs = (reminders: readonly unknown[]) => reminders.map((spec) => JSON.stringify(spec)).sort();
  const differs = (field: keyof TaskPatch & keyof Plan['template']) =>
    !sameJson(from.template[field], to.template[field]);
  const untouched = (['title', 'description', 'priority', 'tags'] as const).filter(
    (field) => differs(field) && sameJson(task[field], from.template[field]),
  );
  const fields = Object.fromEntries(untouched.map((field) => [field, to.template[field]])) as TaskPatch;
  const hasOldReminders = sameJson(specs(task.reminders.map(({ spec }) => spec)), specs(from.template.reminders));
  if (!task.due || !differs('reminders') || !hasOldReminders) return fields;
  return { ...fields, reminders: to.template.reminders };
}

/** The slot of an instance. */
export function slotOf({ id, occurrence }: Task): string {
  if (occurrence === null) throw new Error(`task ${id} is no instance of a series`);
  return occurrence;
}

/** The latest of some slots. */
export function latest(slots: readonly (string | null)[]): string | null {
  return slots.reduce((one, other) => (one === null || (other !== null && other > one) ? other : one), null);
}
