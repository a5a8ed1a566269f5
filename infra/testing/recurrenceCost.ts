import { computingMs } from '../bench/processUsage.ts';

/** What it may cost to refuse a rule (ms of CPU). */
export const REFUSAL_COST = 300;
/** What it may cost to create a task with a rule and to complete it after a long outage, without the database (ms of CPU). */
export const RULE_COST = 50;
/** So many goes decide, because a machine that is busy with other things makes them dearer. */
const GOES = 5;
/** What the yardstick takes on the machine for which those bounds are: two cores of an AMD EPYC, with nothing else to do. */
const YARDSTICK_COST = 7;
/** As many as a rule can have, from 1970 to 2200. */
const DAYS = 84_400;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The CPU time of some work, in ms of the machine for which the bounds are: of one go, or, where that is more than
 * `enough`, the least of five. A slower machine, or a core that is shared, is told by a yardstick before each go.
 */
export function costOf(work: () => unknown, enough = 0): number {
  let least = costOfOneGo(work);
  for (let go = 1; go < GOES && least > enough; go += 1) least = Math.min(least, costOfOneGo(work));
  return least;
}

function costOfOneGo(work: () => unknown): number {
  const slowness = Math.max(1, computingMs(lookAtEachDay) / YARDSTICK_COST);
  return computingMs(work) / slowness;
}

// The first few goes are dearer: the code is not compiled to the full yet.
for (let go = 0; go < 5; go += 1) lookAtEachDay();

/** Work of the kind that rules make, and always as much. */
function lookAtEachDay(): number {
  const wanted = new Set([29, 30, 31]);
  let found = 0;
  for (let day = 0; day < DAYS; day += 1) {
    const date = new Date(day * DAY_MS);
    if (date.getUTCDay() === 1 && wanted.has(date.getUTCDate())) found += 1;
  }
  return found;
}
