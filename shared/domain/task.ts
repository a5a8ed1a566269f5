import * as z from 'zod';
import { dueSchema, newDueSchema } from './due.ts';
import { reminderSchema } from './reminder.ts';
import { scheduleSchema } from './schedule.ts';
import { text } from './text.ts';

/** Titles are shown on one line of a list and in a notification. */
export const TITLE_LENGTH = 200;
/** A page of prose; what is longer belongs in a document that the description links to. */
const DESCRIPTION_LENGTH = 10_000;
const TAG_LENGTH = 50;
/** Bounds the cost of a row; more than anybody can tell apart in a list. */
export const TAGS_PER_TASK = 20;
/** Each reminder is a row and an event of its own. */
const REMINDERS_PER_TASK = 10;

export const tagSchema = text(TAG_LENGTH);
export const prioritySchema = z.enum(['low', 'medium', 'high']);
export const taskStatusSchema = z.enum(['open', 'completed']);
export const reminderStatusSchema = z.enum(['pending', 'triggered', 'cancelled', 'expired', 'dismissed']);

const fields = {
  title: text(TITLE_LENGTH),
  description: text(DESCRIPTION_LENGTH),
  priority: prioritySchema,
  tags: z
    .array(tagSchema)
    .max(TAGS_PER_TASK)
    .refine((tags) => new Set(tags).size === tags.length, 'The same tag stands here twice.'),
  reminders: z.array(reminderSchema).max(REMINDERS_PER_TASK),
};

/** What a client sends to create a task. */
export const newTaskSchema = z
  .strictObject({
    title: fields.title,
    description: fields.description.optional(),
    priority: fields.priority.default('medium'),
    tags: fields.tags.default([]),
    due: newDueSchema.optional(),
    reminders: fields.reminders.default([]),
    recurrence: scheduleSchema.optional(),
  })
  .superRefine((task, context) => {
    const refuse = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (task.recurrence && !task.due) refuse(['recurrence'], 'A recurring task needs a due time to start from.');
    for (const [index, reminder] of task.reminders.entries()) {
      if ('before' in reminder && !task.due) {
        refuse(['reminders', index, 'before'], 'A reminder before the due time needs a due time.');
      }
      if ('at' in reminder && task.recurrence) {
        refuse(['reminders', index, 'at'], 'A recurring task takes only reminders relative to its due time.');
      }
    }
  })
  .meta({ id: 'NewTask' });

export type NewTask = z.output<typeof newTaskSchema>;

/**
 * What a client sends to change a task: a merge patch (RFC 7396). What is left out stays, and null takes a field's value
 * away, or puts back the one that a new task has.
 */
export const taskPatchSchema = z
  .strictObject({
    title: fields.title.optional(),
    description: fields.description.nullable().optional(),
    priority: fields.priority
      .nullable()
      .transform((priority) => priority ?? 'medium')
      .optional(),
    tags: fields.tags
      .nullable()
      .transform((tags) => tags ?? [])
      .optional(),
    due: newDueSchema.nullable().optional(),
    reminders: fields.reminders
      .nullable()
      .transform((reminders) => reminders ?? [])
      .optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'Name at least one field to change.')
  .meta({
    id: 'TaskPatch',
    description: 'A merge patch (RFC 7396): null takes a value away, or puts back its default.',
  });

export type TaskPatch = z.output<typeof taskPatchSchema>;

/** What every instance of a series starts with. */
export const taskTemplateSchema = z.object({
  title: z.string(),
  description: z.string().nullable(),
  priority: prioritySchema,
  tags: z.array(z.string()),
  reminders: z.array(reminderSchema),
});

export type TaskTemplate = z.output<typeof taskTemplateSchema>;

/** A reminder as a client sees it: what was asked for, when that is, and what became of it. */
export const taskReminderSchema = z
  .object({
    id: z.uuid(),
    spec: reminderSchema,
    remindAt: z.iso.datetime(),
    snoozed: z.boolean().describe('Whether `remindAt` was put off by hand; ends when the due time moves it.'),
    status: reminderStatusSchema.describe(
      '`expired`: its time had passed when it was written, or an outage held it up.',
    ),
  })
  .meta({ id: 'TaskReminder' });

/** A task as a client sees it. Instants are RFC 3339 in UTC. */
export const taskSchema = z
  .object({
    id: z.uuid(),
    title: z.string(),
    description: z.string().nullable(),
    priority: prioritySchema,
    tags: z.array(z.string()),
    status: taskStatusSchema,
    due: dueSchema.nullable(),
    dueAt: z.iso.datetime().nullable().describe('From when on it is overdue: its due time, or the end of its due day.'),
    reminders: z.array(taskReminderSchema),
    seriesId: z.uuid().nullable().describe('The series that it is an instance of.'),
    occurrence: z.string().nullable().describe('Its slot in the series: the local date or date-time.'),
    version: z.int().positive().describe('Grows with each change.'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    completedAt: z.iso.datetime().nullable(),
    deletedAt: z.iso
      .datetime()
      .nullable()
      .describe('Only on a deleted task, which can be restored until it is purged.'),
  })
  .meta({ id: 'Task' });

export type Task = z.output<typeof taskSchema>;
export type TaskReminder = z.output<typeof taskReminderSchema>;
