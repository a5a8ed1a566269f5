import type { RealActivity } from '../real/platform.ts';

/** What the platform told of itself during a run, counted. */
export interface Tally {
  /** Deliveries that functions answered: handled, found to be duplicates, refused, and failed. */
  deliveries: { handled: number; duplicate: number; dropped: number; failed: number };
  /** Processes of functions: started by a request, stopped when idle, ended in another way. */
  functions: { woken: number; slept: number; crashed: number };
  /** Times that a part was started again. */
  restarts: Record<string, number>;
  add(activity: RealActivity): void;
}

const OUTCOMES: Tally['deliveries'] = { handled: 0, duplicate: 0, dropped: 0, failed: 0 };

/** A tally of nothing. A function's log line that is lost with a process that is killed is not counted. */
export function createTally(): Tally {
  const deliveries = { ...OUTCOMES };
  const functions: Tally['functions'] = { woken: 0, slept: 0, crashed: 0 };
  const restarts: Tally['restarts'] = {};
  return {
    deliveries,
    functions,
    restarts,
    add(activity) {
      if ('part' in activity) {
        if (activity.kind === 'ended') restarts[activity.part] = (restarts[activity.part] ?? 0) + 1;
      } else if ('type' in activity) {
        if (activity.type === 'woke') functions.woken += 1;
        if (activity.type === 'slept') functions.slept += 1;
        if (activity.type === 'crashed') functions.crashed += 1;
        const outcome = activity.type === 'output' ? deliveryOutcome(activity.line) : undefined;
        if (outcome) deliveries[outcome] += 1;
      }
    },
  };
}

/** What a line of an event function's log says of a delivery. */
function deliveryOutcome(line: string): keyof Tally['deliveries'] | undefined {
  const outcome = line.includes('"event":"') && /"outcome":"(\w+)"/.exec(line)?.[1];
  return outcome && Object.hasOwn(OUTCOMES, outcome) ? (outcome as keyof Tally['deliveries']) : undefined;
}
