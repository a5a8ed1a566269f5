import * as z from 'zod';

/** What a notification tells of: the type of the event that caused it. */
export const notificationKindSchema = z.enum(['task.created', 'reminder.due', 'recurring.trigger']);

/** An in-app notification as a client sees it. */
export const notificationSchema = z
  .object({
    id: z.uuid(),
    taskId: z.uuid(),
    kind: notificationKindSchema.describe('The type of the event that caused it.'),
    message: z.string(),
    createdAt: z.iso.datetime(),
    readAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Notification' });

export type Notification = z.output<typeof notificationSchema>;
