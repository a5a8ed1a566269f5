import { Cron } from 'croner';
import { goDurationMs } from './goDuration.ts';

/** The time after a given one, in milliseconds since 1970; undefined where none follows. */
export type Next = (after: number) => number | undefined;

/** Six fields, seconds first, as Dapr's scheduler takes them; it knows none of the further signs (`L`, `W`, `#`). */
const SIX_FIELDS = /^(?:(?:\d+|[A-Za-z]{3}|[*?])(?:[-/,](?:\d+|[A-Za-z]{3}|\*))*(?:\s+|$)){6}$/;
const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/**
 * Reads the schedule of a job: six fields, `@every <duration>`, `@daily` and the like, in UTC unless `CRON_TZ=<zone> `
 * stands in front.
 * @throws when it can't be read
 */
export function parseTimetable(text: string): Next {
  const [, timezone = 'UTC', pattern = ''] = /^(?:(?:CRON_TZ|TZ)=(\S+)\s+)?(.*)$/.exec(text.trim()) ?? [];
  const [, interval] = /^@every (.*)$/.exec(pattern) ?? [];
  if (interval !== undefined) {
    const intervalMs = goDurationMs(interval);
    if (intervalMs === undefined) throw new Error(`failed to parse duration @every ${interval}`);
    return (after) => after + intervalMs;
  }
  if (!DESCRIPTORS.has(pattern) && !SIX_FIELDS.test(pattern)) {
    throw new Error(`the schedule "${text}" has neither six fields nor @every, @hourly, @daily and the like`);
  }
  const cron = new Cron(pattern.replaceAll('?', '*'), { timezone, mode: '5-or-6-parts', paused: true });
  return (after) => cron.nextRun(new Date(after))?.getTime();
}
