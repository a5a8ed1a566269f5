import * as z from 'zod/mini';

/** What a user can be notified of, and by which channels is theirs to say: the types of events that tell of tasks. */
export const taskNotificationKinds = [
  'task.created',
  'task.updated',
  'task.completed',
  'task.deleted',
  'reminder.due',
  'recurring.trigger',
] as const;

export type TaskNotificationKind = (typeof taskNotificationKinds)[number];

/** What a notification tells of: the type of the event that caused it, or that a webhook is sent nothing any more. */
export const notificationKindSchema = z.enum([...taskNotificationKinds, 'webhook.disabled']);

/** An in-app notification as a client sees it. */
export const notificationSchema = z
  .object({
    id: z.uuid(),
    taskId: z.nullable(z.uuid()).check(z.describe('The task that it tells of; null for a `webhook.disabled`.')),
    kind: notificationKindSchema.check(z.describe('The type of the event that caused it.')),
    message: z.string(),
    createdAt: z.iso.datetime(),
    readAt: z.nullable(z.iso.datetime()),
  })
  .register(z.globalRegistry, { id: 'Notification' });

export type Notification = z.output<typeof notificationSchema>;

/** What a notification says of a task that was changed, reopened or restored. `changed` are names of its fields. */
export function changeMessage(title: string, { changed, restored }: { changed: string[]; restored: boolean }): string {
  if (restored) return `Restored: ${title}`;
  if (changed.includes('status')) return `Reopened: ${title}`;
  const named = changed.filter((field) => TOLD.has(field));
  return named.length > 0 ? `Changed: ${title} (${named.join(', ')})` : `Changed: ${title}`;
}

/** What users know of a task; other fields follow from these. */
const TOLD: ReadonlySet<string> = new Set(['title', 'description', 'priority', 'tags', 'due', 'reminders']);
