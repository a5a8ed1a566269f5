import { type Calendar, type Rule, type Until, WEEKDAYS, type WeekdayRule } from '../../shared/domain/recurrence.ts';
import { occurrencesDayByDay } from './recurrenceOracle.ts';

/** Zones that change their clocks by half an hour, by two, at midnight, backwards, by a day, by seconds, or never. */
export const ODD_ZONES = [
  'UTC',
  'America/New_York',
  'Europe/Dublin',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'Antarctica/Troll',
  'America/St_Johns',
  'Africa/Casablanca',
  'America/Sao_Paulo',
  'Asia/Gaza',
  'Africa/Monrovia',
  'Pacific/Chatham',
];
const TIMES = ['', '', 'T00:00:00', 'T00:15:00', 'T02:00:00', 'T02:30:00', 'T09:00:00', 'T23:59:59'];
const DAY_MS = 24 * 60 * 60 * 1000;
/** Dates that are left out or bounded are chosen among so many. */
const SLOTS = 8;

/** Numbers from 0 up to 1, the same ones for a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Chances that are drawn from a source of random numbers. */
export function chancesFrom(random: () => number) {
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const oneOf = <Item>(items: readonly Item[]) => items[upTo(items.length) - 1] as Item;
  return {
    random,
    upTo,
    oneOf,
    chance: (probability: number) => random() < probability,
    some: <Item>(most: number, item: () => Item) => [...new Set(Array.from({ length: upTo(most) }, item))],
    either: (number: number) => (random() < 0.6 ? number : -number),
  };
}

type Chances = ReturnType<typeof chancesFrom>;

/** A calendar with a rule of any kind that is allowed, and the rule as its parts. It may never come to pass. */
export function randomCalendar(chances: Chances, timeZone: string): { calendar: Calendar; rule: Rule } {
  const { chance, oneOf } = chances;
  const days = randomDays(chances);
  const calendar: Calendar = {
    rule: '',
    start: randomStart(chances),
    timeZone,
    overflow: oneOf(['clamp', 'skip']),
    gap: oneOf(['shift', 'skip']),
    exdates: [],
    rdates: [],
  };
  const [ends, leavesOut, adds] = [chance(0.5), chance(0.2), chance(0.2)];
  const slots = ends || leavesOut || adds ? occurrencesDayByDay(calendar, days, SLOTS).slots : [];
  const locals = slots.map(({ local }) => local);
  const rule = { ...days, ...(ends && randomEnd(chances, calendar, slots)) };
  const exdates = leavesOut && locals.length > 0 ? chances.some(5, () => oneOf(locals)).sort() : [];
  const rdates = adds ? chances.some(4, () => randomAddition(chances, calendar.start, locals)).sort() : [];
  return { rule, calendar: { ...calendar, rule: writeRule(rule), exdates, rdates } };
}

function randomStart({ upTo, oneOf, chance }: Chances): string {
  const year = 1974 + upTo(176);
  const month = chance(0.2) ? oneOf([1, 2, 12]) : upTo(12);
  const day = chance(0.3) ? oneOf([1, 28, 29, 30, 31]) : upTo(28);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10) + oneOf(TIMES);
}

/** The parts of a rule that name days. */
function randomDays(chances: Chances): Rule {
  const { upTo, oneOf, chance, some, either } = chances;
  const FREQ = oneOf(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY', 'YEARLY'] as const);
  const yearly = FREQ === 'YEARLY';
  const rule: Rule = {
    FREQ,
    INTERVAL: chance(0.6) ? 1 : chance(0.8) ? upTo(6) : upTo(oneOf([50, 1000])),
    WKST: chance(0.5) ? 'MO' : oneOf(WEEKDAYS),
  };
  if (chance(0.25)) rule.BYMONTH = some(4, () => upTo(12));
  if (FREQ !== 'WEEKLY' && chance(0.35)) rule.BYMONTHDAY = some(4, () => either(chance(0.4) ? 27 + upTo(4) : upTo(31)));
  if (yearly && chance(0.2)) rule.BYYEARDAY = some(5, () => either(chance(0.2) ? 364 + upTo(2) : upTo(366)));
  if (yearly && chance(0.2)) rule.BYWEEKNO = some(4, () => either(chance(0.4) ? oneOf([1, 52, 53]) : upTo(53)));
  if (chance(0.45)) rule.BYDAY = randomWeekdays(chances, rule);
  if (rule.BYMONTH && rule.BYMONTHDAY?.every((day) => Math.abs(day) > 29)) delete rule.BYMONTHDAY;
  const choices = rule.BYMONTH || rule.BYMONTHDAY || rule.BYYEARDAY || rule.BYWEEKNO || rule.BYDAY;
  if (choices && chance(0.2)) rule.BYSETPOS = some(3, () => either(upTo(oneOf([2, 5, 31, 366]))));
  return rule;
}

function randomWeekdays({ upTo, oneOf, chance, some, either }: Chances, rule: Rule): WeekdayRule[] {
  const mayCount = rule.FREQ === 'MONTHLY' || (rule.FREQ === 'YEARLY' && !rule.BYWEEKNO);
  const counts = mayCount && chance(0.6);
  const most = rule.FREQ === 'MONTHLY' || rule.BYMONTH ? 5 : 53;
  return some(4, () => ({
    nth: counts && chance(0.8) ? either(upTo(most)) : null,
    weekday: oneOf(WEEKDAYS),
  }));
}

/** COUNT, an UNTIL of any form on, before or after an occurrence, or none. */
function randomEnd(chances: Chances, calendar: Calendar, slots: readonly { local: string; at: Date }[]): Partial<Rule> {
  const { upTo, oneOf, chance } = chances;
  if (chance(0.5)) return { COUNT: chance(0.8) ? upTo(SLOTS + 2) : upTo(1000) };
  const last = slots.length > 0 ? oneOf(slots) : null;
  if (!last) return {};
  const shift = oneOf([0, 0, -1000, 1000, -DAY_MS, 40 * DAY_MS]);
  const local = new Date(
    Date.parse(`${last.local}${last.local.includes('T') ? '' : 'T00:00:00'}Z`) + shift,
  ).toISOString();
  const forms: Until[] = [
    { date: local.slice(0, 10) },
    { local: local.slice(0, 19) },
    { instant: new Date(last.at.getTime() + shift) },
  ];
  const until = calendar.start.includes('T') ? oneOf(forms) : (forms[0] as Until);
  return isInRange(until) ? { UNTIL: until } : {};
}

function isInRange(until: Until): boolean {
  const date = 'date' in until ? until.date : 'local' in until ? until.local : until.instant.toISOString();
  return date >= '1970-01-01' && date < '2201-01-01';
}

/** A local time from the start on: one of the rule, or another of any time. */
function randomAddition({ upTo, oneOf, chance }: Chances, start: string, locals: readonly string[]): string {
  if (locals.length > 0 && chance(0.3)) return oneOf(locals);
  const date = new Date(Date.parse(start.slice(0, 10)) + upTo(600) * DAY_MS).toISOString().slice(0, 10);
  return start.includes('T') ? date + oneOf(TIMES.filter(Boolean)) : date;
}

/** A rule as text. */
export function writeRule(rule: Rule): string {
  const texts = Object.entries(rule).map(([name, value]) => {
    if (name === 'UNTIL') return `UNTIL=${writeUntil(value as Until)}`;
    if (name === 'BYDAY')
      return `BYDAY=${(value as WeekdayRule[]).map(({ nth, weekday }) => `${nth ?? ''}${weekday}`)}`;
    return `${name}=${value}`;
  });
  return texts.join(';');
}

function writeUntil(until: Until): string {
  const compact = (text: string) => text.replace(/[-:]/g, '');
  if ('date' in until) return compact(until.date);
  return 'local' in until ? compact(until.local) : compact(until.instant.toISOString()).replace('.000', '');
}
