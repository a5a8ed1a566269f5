import type { Rates, Workload } from './workload.ts';

/** What a system does that nobody uses, per hour. */
export interface AtRest {
  neonSeconds: number;
  processSeconds: number;
  starts: number;
  /** Memory of what stays up for all users together and is not the database, in GB. */
  alwaysOnGb: number;
}

/** What a month of some users takes. */
export interface MonthlyCost {
  users: number;
  /** The part of the month in which Neon is awake. */
  neonAwake: number;
  cuHours: number;
  /** US dollars for those. */
  neonPrice: number;
  /** Calls of functions, and the memory of their processes over time. */
  calls: number;
  functionGbHours: number;
  /** Memory of what stays up, over time: shared by all users. */
  alwaysOnGbHours: number;
}

/** A twelfth of a year, as clouds bill it. */
const HOURS = 730;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/**
 * A month of so many users. What they do comes at random moments (a Poisson process), and each keeps the database awake for
 * a while: so it sleeps in `exp(-λ·t)` of the time, with λ of them in a second and t seconds each. A function's process is
 * kept alive in the same way. At rest both are awake as it was measured, whatever users do.
 */
export function monthlyCost(users: number, rest: AtRest, { workload, rates }: Costing): MonthlyCost {
  const { sessions, sessionSeconds, wakes, calls } = workload;
  const perSecond = (perDay: number) => (users * perDay) / DAY_S;

  const keptAwake = sessions * (sessionSeconds + rates.suspendSeconds) + wakes * rates.suspendSeconds;
  const neonAwake = awakeShare(rest.neonSeconds / HOUR_S, perSecond(keptAwake));
  const callsPerDay = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const transactions = perSecond(callsPerDay) * rates.transactionsPerCall;
  const cuHours = HOURS * Math.max(neonAwake * rates.leastCu, transactions / rates.transactionsPerCu);

  const processes = Object.values(calls).map((perDay) => {
    const called = perSecond(perDay);
    const awake = awakeShare(0, called * rates.processSeconds);
    return Math.max(awake, (called * rates.callSeconds) / rates.utilisation);
  });
  const atRest = rest.processSeconds / HOUR_S;
  const alive = processes.reduce((sum, count) => sum + count, atRest);
  return {
    users,
    neonAwake,
    cuHours,
    neonPrice: cuHours * rates.cuHourPrice,
    calls: HOURS * (perSecond(callsPerDay) * HOUR_S + rest.starts),
    functionGbHours: HOURS * alive * rates.processGb,
    alwaysOnGbHours: HOURS * rest.alwaysOnGb,
  };
}

/** What users do, and what that takes. */
export interface Costing {
  workload: Workload;
  rates: Rates;
}

/** How much of the time something is awake that is kept so at rest, or else by what comes at random; `load` is λ·t. */
function awakeShare(atRest: number, load: number): number {
  return 1 - (1 - atRest) * Math.exp(-load);
}
