import * as z from 'zod/mini';

/** A function that did not take an event, as often as it was tried. */
const failureSchema = z
  .object({
    function: z.string(),
    reason: z.string(),
    attempts: z.int().check(z.positive()),
    lastFailedAt: z.iso.datetime(),
  })
  .register(z.globalRegistry, { id: 'EventFailure' });

export type EventFailure = z.output<typeof failureSchema>;

/** `waiting`: in need of attention. `replayed`: published again, and not come back since. */
export const deadLetterStatusSchema = z.enum(['waiting', 'replayed']);

/** A dead letter as an administrator sees it, without its payload. */
export const deadLetterSchema = z
  .object({
    id: z.uuid(),
    topic: z.string().check(z.describe('The topic that it was published to at first.')),
    partitionKey: z.nullable(z.string()),
    /** What it says of itself; null where it does not say, and only a claim where it is no event. */
    eventId: z.nullable(z.string()),
    eventType: z.nullable(z.string()),
    userId: z.nullable(z.string()),
    taskId: z.nullable(z.string()),
    reason: z.string().check(z.describe('Why it is a dead letter, in a sentence.')),
    failures: z
      .array(failureSchema)
      .check(z.describe('The functions that failed on it, as far as they could record it.')),
    bytes: z
      .nullable(z.int().check(z.nonnegative()))
      .check(z.describe('Length of the payload; null where it was too large to be kept.')),
    status: deadLetterStatusSchema,
    createdAt: z.iso.datetime(),
    lastReceivedAt: z.iso.datetime(),
    timesReceived: z.int().check(z.positive()),
    replayedAt: z.nullable(z.iso.datetime()),
    replays: z.int().check(z.nonnegative()),
  })
  .register(z.globalRegistry, { id: 'DeadLetter' });

export type DeadLetterSummary = z.output<typeof deadLetterSchema>;

/** Says why a letter is one: what is wrong with it, or else what the functions that failed on it said. */
export function reasonOf(fault: string | null, failures: readonly EventFailure[]): string {
  if (fault !== null) return fault;
  if (failures.length === 0) return UNKNOWN_REASON;
  return failures
    .map(
      ({ function: name, reason, attempts }) =>
        `${name} failed ${attempts === 1 ? 'once' : `${attempts} times`}: ${reason}`,
    )
    .join('; ');
}

const UNKNOWN_REASON =
  'Unknown: no function recorded a failure on it. Perhaps none was reached, none answered in time, or the database was away.';
