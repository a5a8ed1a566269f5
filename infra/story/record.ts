import { readTracedWork } from '../real/functionLog.ts';
import type { RealActivity } from '../real/platform.ts';

/** Keeps what the chapters ask about of all that the gateway and the logs of the functions with these names tell. */
export function recordActivity(names: readonly string[]) {
  const traces = new Map<string, Set<string>>();
  const woken = new Set<string>();
  const slept = new Set<string>();
  const emails: Extract<RealActivity, { kind: 'email' }>[] = [];

  return {
    add(activity: RealActivity): void {
      if ('kind' in activity && activity.kind === 'email') emails.push(activity);
      if (!('type' in activity)) return;
      if (activity.type === 'woke') woken.add(activity.function);
      if (activity.type === 'slept' && woken.has(activity.function)) slept.add(activity.function);
      if (activity.type !== 'output') return;
      const work = readTracedWork(activity.line);
      if (work) traces.set(work.trace, (traces.get(work.trace) ?? new Set()).add(work.function));
    },
    emails: async () => emails,
    functions: {
      names,
      inTrace: async (traceId: string) => traces.get(traceId) ?? new Set<string>(),
      wokenAndSlept: async () => slept,
    },
  };
}
