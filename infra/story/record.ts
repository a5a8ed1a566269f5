import { readTakenEvent, readTracedWork } from '../real/functionLog.ts';
import type { RealActivity } from '../real/platform.ts';

/** Keeps what the chapters ask about of all that the gateway and the functions' logs tell. */
export function recordActivity() {
  const deliveries = new Map<string, number>();
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
      const taken = readTakenEvent(activity.line);
      if (taken) deliveries.set(taken.event, (deliveries.get(taken.event) ?? 0) + 1);
      const work = readTracedWork(activity.line);
      if (work) traces.set(work.trace, (traces.get(work.trace) ?? new Set()).add(work.function));
    },
    functionsInTrace: (traceId: string): ReadonlySet<string> => traces.get(traceId) ?? new Set(),
    deliveries: (eventId: string) => deliveries.get(eventId) ?? 0,
    emails: () => emails,
    wokenAndSlept: (): ReadonlySet<string> => slept,
  };
}
