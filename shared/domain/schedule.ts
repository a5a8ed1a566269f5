import * as z from 'zod/mini';
import { type Recurrence, recurrenceSchema } from './recurrence.ts';

/**
 * What a series makes of late completions and of outages.
 * `mode`: the calendar decides, or the rule is counted from when an instance was done.
 * `missed`, of slots whose time passed without an instance: the most recent gets one, or each, or none.
 * `overlap`: an instance waits until no other is open, or is made when its time comes.
 */
const choices = {
  mode: z
    ._default(z.enum(['fixed', 'after_completion']), 'fixed')
    .check(
      z.describe('The calendar decides, or the rule is counted from the local day on which an instance was done.'),
    ),
  missed: z
    ._default(z.enum(['latest', 'all', 'skip']), 'latest')
    .check(z.describe('Of slots that were missed, the most recent gets an instance, or each, or none.')),
  overlap: z
    ._default(z.enum(['single_open', 'allow']), 'single_open')
    .check(z.describe('An instance waits until no other is open, or is made when its time comes.')),
};

/** How a task recurs: its recurrence, and the choices of its series. */
export const scheduleSchema = z
  .safeExtend(recurrenceSchema, choices)
  .check(
    z.superRefine(({ mode, overlap, rdates }, context) => {
      if (mode === 'fixed') return;
      const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
      if (overlap === 'allow') refuse('overlap', 'Counting from completions, one instance follows another.');
      if (rdates.length > 0) refuse('rdates', 'Counting from completions, there are no further dates.');
    }),
  )
  .register(z.globalRegistry, { id: 'Schedule', description: 'How the task recurs, counted from its due time.' });

export type Schedule = z.output<typeof scheduleSchema>;
export type Choices = Omit<Schedule, keyof Recurrence>;

function patchOf(fields: typeof scheduleSchema.shape) {
  const { rule, overflow, gap, exdates, rdates, mode, missed, overlap } = fields;
  return z.strictObject({
    rule: z.optional(rule),
    overflow: z.optional(z.nullable(overflow.def.innerType)),
    gap: z.optional(z.nullable(gap.def.innerType)),
    exdates: z.optional(z.nullable(exdates.def.innerType)),
    rdates: z.optional(z.nullable(rdates.def.innerType)),
    mode: z.optional(z.nullable(mode.def.innerType)),
    missed: z.optional(z.nullable(missed.def.innerType)),
    overlap: z.optional(z.nullable(overlap.def.innerType)),
  });
}

/** A merge patch (RFC 7396) of a schedule: null puts back a default. */
export const schedulePatchSchema = patchOf(scheduleSchema.shape).register(z.globalRegistry, {
  id: 'SchedulePatch',
  description: 'A merge patch (RFC 7396): null puts back a default.',
});

export type SchedulePatch = z.output<typeof schedulePatchSchema>;
