import * as z from 'zod/mini';
import { eachOnce, namesAField } from './checks.ts';
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
  tags: z.array(tagSchema).check(z.maxLength(TAGS_PER_TASK), eachOnce('tag')),
  reminders: z.array(reminderSchema).check(z.maxLength(REMINDERS_PER_TASK)),
};

/** What a client sends to create a task. */
export const newTaskSchema = z
  .strictObject({
    title: fields.title,
    description: z.optional(fields.description),
    priority: z._default(fields.priority, 'medium'),
    tags: z._default(fields.tags, []),
    due: z.optional(newDueSchema),
    reminders: z._default(fields.reminders, []),
    recurrence: z.optional(scheduleSchema),
  })
  .check(
    z.superRefine((task, context) => {
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
    }),
  )
  .register(z.globalRegistry, { id: 'NewTask' });

/** A field of a merge patch: null puts back the value that a new task has. */
function resettable<Field extends z.core.$ZodType>(field: Field, initial: z.output<Field>) {
  return z.optional(
    z.pipe(
      z.nullable(field),
      z.transform((value: z.output<Field> | null) => value ?? initial),
    ),
  );
}

export type NewTask = z.output<typeof newTaskSchema>;

/**
 * What a client sends to change a task: a merge patch (RFC 7396). What is left out stays, and null takes a field's value
 * away, or puts back the one that a new task has.
 */
export const taskPatchSchema = z
  .strictObject({
    title: z.optional(fields.title),
    description: z.optional(z.nullable(fields.description)),
    priority: resettable(fields.priority, 'medium'),
    tags: resettable(fields.tags, []),
    due: z.optional(z.nullable(newDueSchema)),
    reminders: resettable(fields.reminders, []),
  })
  .check(namesAField)
  .register(z.globalRegistry, {
    id: 'TaskPatch',
    description: 'A merge patch (RFC 7396): null takes a value away, or puts back its default.',
  });

export type TaskPatch = z.output<typeof taskPatchSchema>;

/** What every instance of a series starts with. */
export const taskTemplateSchema = z.object({
  title: z.string(),
  description: z.nullable(z.string()),
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
    snoozed: z.boolean().check(z.describe('Whether `remindAt` was put off by hand; ends when the due time moves it.')),
    status: reminderStatusSchema.check(
      z.describe('`expired`: its time had passed when it was written, or an outage held it up.'),
    ),
  })
  .register(z.globalRegistry, { id: 'TaskReminder' });

/** A task as a client sees it. Instants are RFC 3339 in UTC. */
export const taskSchema = z
  .object({
    id: z.uuid(),
    title: z.string(),
    description: z.nullable(z.string()),
    priority: prioritySchema,
    tags: z.array(z.string()),
    status: taskStatusSchema,
    due: z.nullable(dueSchema),
    dueAt: z
      .nullable(z.iso.datetime())
      .check(z.describe('From when on it is overdue: its due time, or the end of its due day.')),
    reminders: z.array(taskReminderSchema),
    seriesId: z.nullable(z.uuid()).check(z.describe('The series that it is an instance of.')),
    occurrence: z.nullable(z.string()).check(z.describe('Its slot in the series: the local date or date-time.')),
    version: z.int().check(z.positive(), z.describe('Grows with each change.')),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    completedAt: z.nullable(z.iso.datetime()),
    deletedAt: z
      .nullable(z.iso.datetime())
      .check(z.describe('Only on a deleted task, which can be restored until it is purged.')),
  })
  .register(z.globalRegistry, { id: 'Task' });

export type Task = z.output<typeof taskSchema>;
export type TaskReminder = z.output<typeof taskReminderSchema>;
