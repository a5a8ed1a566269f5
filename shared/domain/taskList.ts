import * as z from 'zod/mini';
import { prioritySchema, TAGS_PER_TASK, tagSchema, taskStatusSchema } from './task.ts';
import { text } from './text.ts';
import { instantSchema } from './time.ts';

/** A line of words, as in a title; also bounds what a search costs. */
const SEARCH_LENGTH = 200;

/** What the tasks of a list are sorted by. */
export const taskSortSchema = z.enum(['created', 'due', 'updated', 'priority', 'title']);
export const orderSchema = z.enum(['asc', 'desc']);

export type TaskSort = z.output<typeof taskSortSchema>;
export type Order = z.output<typeof orderSchema>;

/** Which tasks a list holds, those that fit everything that is given, and in which order. */
export const taskListSchema = z.strictObject({
  status: z.optional(taskStatusSchema),
  /** The first instant at which a task may be due. */
  dueAfter: z.optional(instantSchema),
  /** The first instant at which a task may no longer be due. */
  dueBefore: z.optional(instantSchema),
  overdue: z.optional(z.literal('true', 'Must be "true", or be left out.')),
  /** All of these. */
  tag: z.optional(
    z.array(tagSchema).check(
      z.maxLength(TAGS_PER_TASK),
      z.overwrite((tags) => [...new Set(tags)].sort()),
    ),
  ),
  priority: z.optional(prioritySchema),
  seriesId: z.optional(z.uuid()),
  search: z.optional(text(SEARCH_LENGTH)),
  sort: z._default(taskSortSchema, 'created'),
  order: z.optional(orderSchema),
});

export type TaskList = z.output<typeof taskListSchema>;

/** The order that a list has when it names none: the newest, the soonest due, the last changed, the most important first. */
const naturalOrder = {
  created: 'desc',
  due: 'asc',
  updated: 'desc',
  priority: 'desc',
  title: 'asc',
} as const satisfies Record<TaskSort, Order>;

/** The order in which a list stands. */
export function orderOf({ sort, order }: TaskList): Order {
  return order ?? naturalOrder[sort];
}
