import * as z from 'zod';

/** A function that did not take an event, as often as it was tried. */
const failureSchema = z
  .object({
    function: z.string(),
    reason: z.string(),
    attempts: z.int().positive(),
    lastFailedAt: z.iso.datetime(),
  })
  .meta({ id: 'EventFailure' });

export type EventFailure = z.output<typeof failureSchema>;

/** `waiting`: in need of attention. `replayed`: published again, and not come back since. */
export const deadLetterStatusSchema = z.enum(['waiting', 'replayed']);

/** A dead letter as an administrator sees it, without its payload. */
export const deadLetterSchema = z
  .object({
    id: z.uuid(),
    topic: z.string().describe('The topic that it was published to at first.'),
    partitionKey: z.string().nullable(),
    /** What it says of itself; null where it does not say, and only a claim where it is no event. */
    eventId: z.string().nullable(),
    eventType: z.string().nullable(),
    userId: z.string().nullable(),
    taskId: z.string().nullable(),
    reason: z.string().describe('Why it is a dead letter, in a sentence.'),
    failures: z.array(failureSchema).describe('The functions that failed on it, as far as they could record it.'),
    bytes: z.int().nonnegative().nullable().describe('Length of the payload; null where it was too large to be kept.'),
    status: deadLetterStatusSchema,
    createdAt: z.iso.datetime(),
    lastReceivedAt: z.iso.datetime(),
    timesReceived: z.int().positive(),
    replayedAt: z.iso.datetime().nullable(),
    replays: z.int().nonnegative(),
  })
  .meta({ id: 'DeadLetter' });

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
