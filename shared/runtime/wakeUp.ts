import type { FunctionDefinition } from './defineFunction.ts';

/** Name of the one job that wakes a function whenever something comes due. */
export const WAKE_UP = 'wake-up';

/** What is known of when something comes due. */
export interface WakeUpNeed {
  /** When what was just written is due: where another comes before it, nothing is to be done, since that one's writer sees to it. */
  due?: Date;
  /** No sooner than after so many milliseconds, whatever is due until then: it is worked off together. */
  apartMs?: number;
}

/** Names of the jobs that a function may set: those that it lists, and the wake-up where an event of its can fail to go out. */
export function jobsSetBy({ emits = [], setsJobs = [] }: FunctionDefinition): readonly string[] {
  return emits.length > 0 ? [...new Set([...setsJobs, WAKE_UP])] : setsJobs;
}
