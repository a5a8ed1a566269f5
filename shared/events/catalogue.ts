import * as z from 'zod/mini';

/** Name of the Dapr pub/sub component that every event travels through. */
export const PUBSUB_NAME = 'taskevents';

const instant = () => z.iso.datetime();
const version = () => z.int().check(z.positive());
/** What statistics go by. */
const milestones = () => ({
  created_at: instant(),
  due_at: z.nullable(instant()),
  completed_at: z.nullable(instant()),
});
const snapshot = () => ({
  version: version(),
  title: z.string(),
  priority: z.string(),
  tags: z.array(z.string()),
  series_id: z.nullable(z.uuid()),
  /** The first of its reminders that are still to come. Not in events of before there were wake-ups. */
  next_reminder_at: z.optional(z.nullable(instant())),
  ...milestones(),
});

/**
 * Every event of the system: its topic, and what makes the schema of its `data`: a function reads one type at most, and
 * need not wait at its start for the others.
 * Fields are only ever added; a reader ignores what it does not know and refuses what it cannot read.
 */
export const catalogue = {
  'task.created': {
    topic: 'evolution-todo.tasks.created',
    data: () => z.object(snapshot()),
  },
  'task.updated': {
    topic: 'evolution-todo.tasks.updated',
    /** `changed`: names of the task's fields; `previous`: as it was before; null for a task that is restored. */
    data: () => z.object({ ...snapshot(), changed: z.array(z.string()), previous: z.nullable(z.object(milestones())) }),
  },
  'task.completed': {
    topic: 'evolution-todo.tasks.completed',
    data: () => z.object({ ...snapshot(), completed_at: instant() }),
  },
  'task.deleted': {
    topic: 'evolution-todo.tasks.deleted',
    data: () => z.object(snapshot()),
  },
  'reminder.due': {
    topic: 'evolution-todo.reminders.due',
    data: () =>
      z.object({
        version: version(),
        reminder_id: z.uuid(),
        title: z.string(),
        remind_at: instant(),
        due_at: z.nullable(instant()),
      }),
  },
  'recurring.trigger': {
    topic: 'evolution-todo.recurring.trigger',
    data: () =>
      z.object({
        version: version(),
        recurring_id: z.uuid(),
        title: z.string(),
        occurrence: z.string(),
        due_at: instant(),
        passed_over: z.int().check(z.nonnegative()),
      }),
  },
  /** It is no task's: in place of a task's, its `task_id` is the delivery's id. What is sent is in the delivery's row. */
  'delivery.due': {
    topic: 'evolution-todo.deliveries.due',
    data: () => z.object({ delivery_id: z.uuid(), channel: z.string() }),
  },
} as const;

export type EventType = keyof typeof catalogue;
export type EventData<T extends EventType> = z.output<ReturnType<(typeof catalogue)[T]['data']>>;

export const eventTypes = Object.keys(catalogue) as EventType[];

const DEAD = '.dead';

/** Where an event goes that its function could not take, by a Dapr subscription's `deadLetterTopic`. */
export function deadLetterTopic(topic: string): string {
  return topic + DEAD;
}

/** The topic whose dead letters a topic holds; of any other topic, itself. */
export function originalTopic(topic: string): string {
  return topic.endsWith(DEAD) ? topic.slice(0, -DEAD.length) : topic;
}

/** Every topic that a broker must have: one per event type, and its dead letters. */
export function allTopics(): string[] {
  return eventTypes.flatMap((type) => [catalogue[type].topic, deadLetterTopic(catalogue[type].topic)]);
}
