import * as z from 'zod';
import { type Recurrence, recurrenceSchema } from './recurrence.ts';

/**
 * What a series makes of late completions and of outages.
 * `mode`: the calendar decides, or the rule is counted from when an instance was done.
 * `missed`, of slots whose time passed without an instance: the most recent gets one, or each, or none.
 * `overlap`: an instance waits until no other is open, or is made when its time comes.
 */
const choices = {
  mode: z
    .enum(['fixed', 'after_completion'])
    .default('fixed')
    .describe('The calendar decides, or the rule is counted from the local day on which an instance was done.'),
  missed: z
    .enum(['latest', 'all', 'skip'])
    .default('latest')
    .describe('Of slots that were missed, the most recent gets an instance, or each, or none.'),
  overlap: z
    .enum(['single_open', 'allow'])
    .default('single_open')
    .describe('An instance waits until no other is open, or is made when its time comes.'),
};

/** How a task recurs: its recurrence, and the choices of its series. */
export const scheduleSchema = recurrenceSchema
  .safeExtend(choices)
  .superRefine(({ mode, overlap, rdates }, context) => {
    if (mode === 'fixed') return;
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (overlap === 'allow') refuse('overlap', 'Counting from completions, one instance follows another.');
    if (rdates.length > 0) refuse('rdates', 'Counting from completions, there are no further dates.');
  })
  .meta({ id: 'Schedule', description: 'How the task recurs, counted from its due time.' });

export type Schedule = z.output<typeof scheduleSchema>;
export type Choices = Omit<Schedule, keyof Recurrence>;

function patchOf(fields: typeof scheduleSchema.shape) {
  const { rule, overflow, gap, exdates, rdates, mode, missed, overlap } = fields;
  return z.strictObject({
    rule: rule.optional(),
    overflow: overflow.unwrap().nullable().optional(),
    gap: gap.unwrap().nullable().optional(),
    exdates: exdates.unwrap().nullable().optional(),
    rdates: rdates.unwrap().nullable().optional(),
    mode: mode.unwrap().nullable().optional(),
    missed: missed.unwrap().nullable().optional(),
    overlap: overlap.unwrap().nullable().optional(),
  });
}

/** A merge patch (RFC 7396) of a schedule: null puts back a default. */
export const schedulePatchSchema = patchOf(scheduleSchema.shape).meta({
  id: 'SchedulePatch',
  description: 'A merge patch (RFC 7396): null puts back a default.',
});

export type SchedulePatch = z.output<typeof schedulePatchSchema>;
