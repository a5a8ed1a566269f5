import * as z from 'zod/mini';
import { namesAField } from './checks.ts';
import { inZone, newDueSchema, toDue } from './due.ts';
import { invalid } from './errors.ts';
import { faultsOf } from './faults.ts';
import { recurrenceOf } from './recurrence.ts';
import { type SchedulePatch, schedulePatchSchema, scheduleSchema } from './schedule.ts';
import { apart, type Series } from './series.ts';
import { type TaskTemplate, taskPatchSchema } from './task.ts';
import { localDateSchema, localDateTimeSchema } from './time.ts';

const { title, description, priority, tags, reminders } = taskPatchSchema.shape;

const fields = {
  ...{ title, description, priority, tags },
  reminders: reminders.check(
    z.refine(
      (specs) => specs === undefined || specs.every((spec) => 'before' in spec),
      'A series takes only reminders relative to the due time.',
    ),
  ),
  start: z.optional(newDueSchema).check(z.describe('Where the rule is counted from: its day, wall time and zone.')),
  recurrence: z.optional(schedulePatchSchema),
};

/** What a client sends to change a series: a merge patch (RFC 7396). */
export const seriesPatchSchema = z.strictObject(fields).check(namesAField).register(z.globalRegistry, {
  id: 'SeriesPatch',
  description: 'A merge patch (RFC 7396): null takes a value away, or puts back a default.',
});

export type SeriesPatch = z.output<typeof seriesPatchSchema>;

/** A slot of a series, as its instances name it: a local date, or date-time. */
export const slotSchema = z.union([localDateSchema, localDateTimeSchema], 'Must be a local date, or date and time.');

/** What a client sends to split a series: from which slot on, and what is different from there on. */
export const seriesSplitSchema = z
  .strictObject({ from: slotSchema, ...fields })
  .register(z.globalRegistry, { id: 'SeriesSplit' });

/** What of a series decides what its instances are like, and when they are. */
export type Plan = Pick<Series, 'template' | 'calendar' | 'choices'>;

/** The plan of a series with a patch applied. Throws `invalid` where its parts do not go together. */
export function patchedPlan({ template, calendar, choices }: Plan, patch: SeriesPatch, userZone: string): Plan {
  const { start, recurrence = {}, ...changes } = patch;
  const schedule = patchedSchedule({ ...recurrenceOf(calendar), ...choices }, recurrence);
  return {
    // A field that is left out may stand in a patch as undefined.
    template: { ...template, ...(JSON.parse(JSON.stringify(changes)) as Partial<TaskTemplate>) },
    ...apart(schedule, inZone(start ?? toDue(calendar.start, calendar), userZone)),
  };
}

function patchedSchedule(schedule: z.output<typeof scheduleSchema>, patch: SchedulePatch) {
  const given = Object.entries({ ...schedule, ...patch }).filter(([, value]) => value !== null && value !== undefined);
  const merged = scheduleSchema.safeParse(Object.fromEntries(given));
  if (merged.success) return merged.data;
  const [first, ...others] = faultsOf(merged.error).map((fault) => ({
    ...fault,
    pointer: `/recurrence${fault.pointer}`,
  }));
  throw first ? invalid(first, ...others) : merged.error;
}
