import { addDays } from '../time.ts';
import { offsetAt } from '../zoneOffset.ts';
import { type Transition, transitionsBetween } from '../zoneTransitions.ts';
import { component } from './contentLines.ts';

/**
 * How many years ahead clock changes are looked at. A date comes back to its weekday within twelve years, so a yearly
 * rule that holds for so long has shown every day that it can fall on, and is taken to go on.
 */
const YEARS_AHEAD = 13;
const ENOUGH_YEARS = 12;
/** Fewer clock changes than that are listed, not put into a rule. */
const SHORTEST_RULE = 3;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** The instants that a file names in a zone: the first and the last. */
export interface Span {
  earliest: Date;
  latest: Date;
}

/** A change of the clocks: when it is, by the clocks before it, and the offsets around it. */
interface Onset extends Transition {
  /** `YYYY-MM-DDTHH:MM:SS` */
  local: string;
  year: number;
}

/** Clock changes from one offset to another: those that a yearly rule on `days` names, or some without a rule. */
interface Observance {
  onsets: Onset[];
  days: string | null;
  /** Whether its rule still holds where the look ahead ends. */
  goesOn: boolean;
}

/**
 * A zone as a VTIMEZONE (RFC 5545 3.6.5) that holds from the first instant of a span on: clock changes that come back
 * each year are rules, the others dates. None (no lines) for a zone that shows UTC all the time.
 *
 * Kept short: Google Calendar spoils what follows a long one (eoleedi/TimeTree-Exporter#157).
 */
export function timeZoneComponent(timeZone: string, { earliest, latest }: Span, now: Date): string[] {
  // A year early, so that the changes of that year say which offset holds at the beginning.
  const from = startOfYear(earliest.getUTCFullYear() - 1);
  const ahead = startOfYear(Math.max(now.getUTCFullYear(), earliest.getUTCFullYear()) + YEARS_AHEAD);
  let observances = observancesBetween(timeZone, from, ahead);
  const isFixed = observances.length === 0;
  if (!isFixed && !goOn(observances) && latest > ahead) {
    observances = observancesBetween(timeZone, from, startOfYear(latest.getUTCFullYear() + 1));
  }
  const first = observances[0]?.onsets[0];
  const openEnded = goOn(observances);
  const offset = offsetAt(from.getTime(), timeZone);
  if (isFixed && offset === 0) return [];
  const start = first && first.at <= earliest.getTime() ? [] : initialObservance(from, offset);
  return component('VTIMEZONE', [
    `TZID:${timeZone}`,
    ...start,
    ...observances.flatMap((each) => observanceLines(each, openEnded)),
  ]);
}

/** Whether the clocks go on to change by rules, forward and back. */
function goOn(observances: readonly Observance[]): boolean {
  const directions = observances
    .filter(({ goesOn }) => goesOn)
    .map((each) => firstOf(each).after > firstOf(each).before);
  return new Set(directions).size === 2;
}

function observancesBetween(timeZone: string, from: Date, to: Date): Observance[] {
  const onsets = transitionsBetween(timeZone, from, to).map((transition): Onset => {
    const local = new Date(transition.at + transition.before).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
    return { ...transition, local, year: Number(local.slice(0, 4)) };
  });
  const lastYear = to.getUTCFullYear() - 1;
  const rules: Observance[] = [];
  const single = new Map<string, Onset[]>();
  for (const run of yearlyRuns(onsets)) {
    const goesOn = run.length >= ENOUGH_YEARS && run.at(-1)?.year === lastYear;
    if (run.length >= SHORTEST_RULE) rules.push({ onsets: run, days: daysOf(run), goesOn });
    else for (const onset of run) listFor(single, `${onset.before} ${onset.after}`).push(onset);
  }
  const lists = [...single.values()].map((list): Observance => ({ onsets: list, days: null, goesOn: false }));
  return [...rules, ...lists].sort((a, b) => firstOf(a).at - firstOf(b).at);
}

/** Clock changes as runs of years in which one yearly rule names them all. */
function yearlyRuns(onsets: readonly Onset[]): Onset[][] {
  const runs: Onset[][] = [];
  const current = new Map<string, Onset[]>();
  for (const onset of onsets) {
    const key = [onset.before, onset.after, onset.local.slice(4, 7), onset.local.slice(10), weekdayOf(onset)].join(' ');
    const run = current.get(key);
    if (run?.at(-1)?.year === onset.year - 1 && daysOf([...run, onset])) run.push(onset);
    else {
      const started = [onset];
      current.set(key, started);
      runs.push(started);
    }
  }
  return runs;
}

/**
 * The rule part that names the day of each of some clock changes, which are all in one month and on one weekday, and no
 * other day of their months; null where there is none.
 */
function daysOf(onsets: readonly Onset[]): string | null {
  const weekday = WEEKDAYS[weekdayOf(onsets[0] as Onset)];
  const days = onsets.map(({ local }) => Number(local.slice(8, 10)));
  const first = Math.min(...days);
  const last = Math.max(...days);
  const nth = Math.ceil(first / 7);
  if (nth === Math.ceil(last / 7) && nth <= 4) return `BYDAY=${nth}${weekday}`;
  if (onsets.every(({ local }) => addDays(local.slice(0, 10), 7).slice(0, 7) !== local.slice(0, 7))) {
    return `BYDAY=-1${weekday}`;
  }
  if (last - first >= 7) return null;
  return `BYDAY=${weekday};BYMONTHDAY=${Array.from({ length: last - first + 1 }, (_, index) => first + index)}`;
}

function observanceLines({ onsets, days, goesOn }: Observance, openEnded: boolean): string[] {
  const first = onsets[0] as Onset;
  const last = onsets.at(-1) as Onset;
  const until = goesOn && openEnded ? '' : `;UNTIL=${compact(new Date(last.at).toISOString())}Z`;
  const rule = `RRULE:FREQ=YEARLY;BYMONTH=${Number(first.local.slice(5, 7))};${days}${until}`;
  // Each on a line of its own, the first one too: ical.js, and so Thunderbird, passes over DTSTART and all but the first.
  const dates = onsets.map(({ local }) => `RDATE:${compact(local)}`);
  return component(first.after > first.before ? 'DAYLIGHT' : 'STANDARD', [
    `DTSTART:${compact(first.local)}`,
    `TZOFFSETFROM:${utcOffset(first.before)}`,
    `TZOFFSETTO:${utcOffset(first.after)}`,
    ...(days ? [rule] : dates),
  ]);
}

/** What holds until the clocks change for the first time. */
function initialObservance(from: Date, offset: number): string[] {
  const local = new Date(from.getTime() + offset).toISOString();
  return component('STANDARD', [
    `DTSTART:${compact(local)}`,
    `TZOFFSETFROM:${utcOffset(offset)}`,
    `TZOFFSETTO:${utcOffset(offset)}`,
  ]);
}

/** An offset from UTC as RFC 5545 3.3.14 writes it: `+0100`, with seconds only where there are any. */
function utcOffset(milliseconds: number): string {
  const seconds = Math.abs(milliseconds) / 1000;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const digits = parts.slice(0, parts[2] ? 3 : 2).map((part) => String(part).padStart(2, '0'));
  return `${milliseconds < 0 ? '-' : '+'}${digits.join('')}`;
}

function firstOf({ onsets }: Observance): Onset {
  return onsets[0] as Onset;
}

function weekdayOf({ local }: Onset): number {
  return new Date(`${local}Z`).getUTCDay();
}

function listFor(lists: Map<string, Onset[]>, key: string): Onset[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function startOfYear(year: number): Date {
  return new Date(Date.UTC(year, 0, 1));
}

/** `YYYY-MM-DDTHH:MM:SS` without its dashes and colons. */
function compact(local: string): string {
  return local.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replaceAll(/[-:]/g, '');
}
