import * as z from 'zod';

const takenEvent = z.object({
  type: z.string(),
  event: z.string(),
  outcome: z.enum(['handled', 'duplicate']),
  /** How long it took, in milliseconds. */
  ms: z.number(),
});

/** That a function took an event: handled it, or found that it had. */
export type TakenEvent = z.output<typeof takenEvent>;

/** What a line of a function's log tells of an event that it took; undefined for every other line. */
export function readTakenEvent(line: string): TakenEvent | undefined {
  try {
    return takenEvent.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
