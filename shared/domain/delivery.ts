import * as z from 'zod/mini';
import { taskNotificationKinds } from './notification.ts';

export const deliveryChannelSchema = z.enum(['webhook', 'email']);
export const deliveryStatusSchema = z.enum(['pending', 'delivered', 'failed', 'cancelled']);
/** What is delivered: a notification, or the code that confirms an address. */
export const deliveryKindSchema = z.enum([...taskNotificationKinds, 'email.confirmation']);

/** What becomes of a notification in one channel, as a client sees it. */
export const deliverySchema = z
  .object({
    id: z.uuid().check(z.describe('Also the `webhook-id` of every attempt.')),
    kind: deliveryKindSchema,
    channel: deliveryChannelSchema,
    target: z.string().check(z.describe('The id of the webhook, or the address.')),
    taskId: z.nullable(z.uuid()),
    message: z.string(),
    status: deliveryStatusSchema.check(
      z.describe('`cancelled`: when its turn came, it told of what was no longer so.'),
    ),
    attempts: z.int().check(z.nonnegative()),
    nextAttemptAt: z.nullable(z.iso.datetime()).check(z.describe('Not before the end of quiet hours.')),
    responseStatus: z.nullable(z.int()).check(z.describe('The HTTP status of the last answer.')),
    lastError: z.nullable(z.string()),
    createdAt: z.iso.datetime(),
    deliveredAt: z.nullable(z.iso.datetime()),
  })
  .register(z.globalRegistry, { id: 'Delivery' });

export type Delivery = z.output<typeof deliverySchema>;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits between attempts, in ms, as Standard Webhooks advises ("Deliverability and reliability"): three days of them. */
const BACK_OFF = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR],
  ...[10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
];
/** Of a wait, so much more at random: what failed together should not come back together. */
const JITTER = 0.2;

/** A webhook that has taken nothing for so long is disabled; in ms. */
export const FAILING_FOR_MS = 5 * 24 * HOUR;
/** What has ended is kept for so long, to answer what was sent and when; in ms. */
export const DELIVERY_RETENTION_MS = 30 * 24 * HOUR;

/** When to try again after so many attempts; null: not any more. `random` is from 0 to 1. */
export function nextAttempt(attempts: number, now: Date, random: number): Date | null {
  const wait = BACK_OFF[attempts - 1];
  return wait === undefined ? null : new Date(now.getTime() + Math.round(wait * (1 + JITTER * random)));
}
