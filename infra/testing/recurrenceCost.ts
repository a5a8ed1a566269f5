import { computingMs } from '../bench/processUsage.ts';

/** What it may cost to refuse a rule (ms of CPU). */
export const REFUSAL_COST = 300;
/** What it may cost to create a task with a rule and to complete it after a long outage, without the database (ms of CPU). */
export const RULE_COST = 50;
/** So many goes decide, because a machine that is busy with other things makes them dearer. */
const GOES = 5;

/** The CPU time of some work, in ms: of one go, or, where that is more than `enough`, the least of five. */
export function costOf(work: () => unknown, enough = 0): number {
  let least = computingMs(work);
  for (let go = 1; go < GOES && least > enough; go += 1) least = Math.min(least, computingMs(work));
  return least;
}
