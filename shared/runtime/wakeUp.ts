import type { FunctionDefinition } from './defineFunction.ts';

/** Name of the one job that wakes a function whenever something comes due. */
export const WAKE_UP = 'wake-up';

/** Names of the jobs that a function may set: those that it lists, and the wake-up where an event of its can fail to go out. */
export function jobsSetBy({ emits = [], setsJobs = [] }: FunctionDefinition): readonly string[] {
  return emits.length > 0 ? [...new Set([...setsJobs, WAKE_UP])] : setsJobs;
}
