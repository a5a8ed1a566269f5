import { Cron } from 'croner';
import { parseDuration } from '../resources/duration.ts';

/** Starts something that is called again and again; the returned function ends it. */
export type Schedule = (tick: () => void) => () => void;

/** What Dapr's scheduler takes in a field; the further signs of other schedulers (`L`, `W`, `#`) are not among it. */
const FIELDS = /^(?:(?:\d+|[A-Za-z]{3}|[*?])(?:[-/,](?:\d+|[A-Za-z]{3}|\*))*(?:\s+|$)){5,6}$/;

const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** `@every` counts in whole seconds and at least one, as robfig/cron does. */
const SHORTEST_INTERVAL_MS = 1_000;

/** The longest time that one timer of Node can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Reads a schedule as Dapr's cron binding does: five or six fields, `@every <duration>` or `@daily` and the like,
 * with an optional `CRON_TZ=<zone> ` in front; without it, the machine's own zone counts.
 * @throws when it can't be read
 */
export function parseSchedule(text: string): Schedule {
  const [, timezone, pattern = ''] = /^(?:(?:CRON_TZ|TZ)=(\S+)\s+)?(.*)$/.exec(text.trim()) ?? [];
  const every = /^@every\s+(\S+)$/.exec(pattern);
  if (every) return everyInterval(parseDuration(every[1] ?? ''));
  if (!DESCRIPTORS.has(pattern) && !FIELDS.test(pattern)) {
    throw new Error(`the schedule "${text}" has neither five or six fields nor @every, @hourly, @daily and the like`);
  }
  const options = { ...(timezone && { timezone }), mode: '5-or-6-parts' as const };
  const fields = pattern.replaceAll('?', '*');
  // Computing one occurrence now finds a bad field or zone now, not at the first tick.
  if (!new Cron(fields, { ...options, paused: true }).nextRun())
    throw new Error(`the schedule "${text}" never comes due`);
  return (tick) => {
    const job = new Cron(fields, options, tick);
    return () => job.stop();
  };
}

function everyInterval(durationMs: number): Schedule {
  const intervalMs = Math.max(SHORTEST_INTERVAL_MS, Math.floor(durationMs / 1000) * 1000);
  return (tick) => {
    let timer: NodeJS.Timeout;
    const waitUntil = (due: number) => {
      timer = setTimeout(() => onTimer(due), Math.min(due - Date.now(), LONGEST_TIMER_MS));
    };
    const onTimer = (due: number) => {
      if (Date.now() < due) return waitUntil(due);
      // Counted from now when ticks were missed, for instance while the machine slept: they are gone.
      waitUntil(Math.max(due, Date.now() - intervalMs) + intervalMs);
      tick();
    };
    waitUntil(Date.now() + intervalMs);
    return () => clearTimeout(timer);
  };
}
