import { describeActivity } from '../local/describeActivity.ts';
import { readTakenEvent } from './functionLog.ts';
import type { RealActivity } from './platform.ts';
import type { PartActivity } from './process/part.ts';

const line = (what: string, text: string) => `${what.padEnd(8)} ${text}`;

/** One line about what happened, for a person who watches; undefined for what is told by another line already. */
export function describeRealActivity(activity: RealActivity): string | undefined {
  if ('part' in activity) return describePart(activity);
  // daprd tells nobody what it delivers and when it ticks; the functions and the gateway do.
  if ('type' in activity && activity.type === 'output') return describeEvent(activity) ?? describeActivity(activity);
  if ('type' in activity && activity.type === 'request') {
    const [, kind, name] = /^\/(bindings|job)\/(.*)$/.exec(activity.path) ?? [];
    const what = kind === 'job' ? 'job' : 'tick';
    if (kind) return line(what, `${name} ${activity.status} in ${Math.round(activity.ms)} ms`);
  }
  return describeActivity(activity);
}

function describePart(activity: PartActivity): string {
  switch (activity.kind) {
    case 'serving':
      return line('part', `${activity.part} serves after ${Math.round(activity.ms)} ms`);
    case 'ended':
      return line('part', `${activity.part} ended, starts again in ${activity.retryInMs} ms: ${activity.reason}`);
    case 'warning':
      return line('warning', `${activity.part}: ${activity.message}`);
  }
}

function describeEvent({ function: name, line: text }: Extract<RealActivity, { type: 'output' }>): string | undefined {
  const taken = readTakenEvent(text);
  if (!taken) return undefined;
  const again = taken.outcome === 'duplicate' ? ' (had it already)' : '';
  return line('event', `${taken.type} ${taken.event} → ${name} in ${Math.round(taken.ms)} ms${again}`);
}
