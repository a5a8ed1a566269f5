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

const tracedWork = z.object({ function: z.string(), trace: z.string() });

/** Which function did a piece of work, and in which trace: undefined for a line that does not tell. */
export function readTracedWork(line: string): z.output<typeof tracedWork> | undefined {
  return readLine(tracedWork, line);
}

/** What a line of a function's log tells of an event that it took; undefined for every other line. */
export function readTakenEvent(line: string): TakenEvent | undefined {
  return readLine(takenEvent, line);
}

/** What a line of JSON says in the terms of a schema; undefined where it does not. */
export function readLine<T>(schema: z.ZodType<T>, line: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
