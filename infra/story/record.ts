import { readTracedWork } from '../real/functionLog.ts';
import type { RealActivity } from '../real/platform.ts';

/** Keeps what the chapters ask about of all that the gateway and the logs of the functions with these names tell. */
export function recordActivity(names: readonly string[]) {
  const traces = new Map<string, Set<string>>();
  /** How many instances there are of each that is not at zero, as far as it is told. */
  const awake = new Map<string, number>();
  const slept = new Set<string>();
  const emails: Extract<RealActivity, { kind: 'email' }>[] = [];

  const fellAsleep = (name: string) => {
    const count = awake.get(name);
    if (count === undefined) return;
    if (count > 1) awake.set(name, count - 1);
    else {
      awake.delete(name);
      slept.add(name);
    }
  };

  return {
    add(activity: RealActivity): void {
      if ('kind' in activity && activity.kind === 'email') emails.push(activity);
      if (!('type' in activity)) return;
      if (activity.type === 'woke') awake.set(activity.function, (awake.get(activity.function) ?? 0) + 1);
      if (activity.type === 'slept') fellAsleep(activity.function);
      if (activity.type !== 'output') return;
      const work = readTracedWork(activity.line);
      if (work) traces.set(work.trace, (traces.get(work.trace) ?? new Set()).add(work.function));
    },
    emails: async () => emails,
    functions: {
      names,
      inTrace: async (traceId: string) => traces.get(traceId) ?? new Set<string>(),
      awake: async () => new Set(awake.keys()),
      wokenAndSlept: async () => slept,
    },
  };
}
