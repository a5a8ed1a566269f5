import { expect, it } from 'vitest';
import { checkRule, latestOccurrence, nextOccurrence } from '../../shared/domain/occurrences.ts';
import type { Calendar, Occurrence } from '../../shared/domain/recurrence.ts';
import { chancesFrom, ODD_ZONES, randomCalendar, randomNumbers } from './randomCalendar.ts';
import { occurrencesDayByDay } from './recurrenceOracle.ts';

/** Chooses other rules than usual. */
export const SEED = Number(process.env.RECURRENCE_SEED ?? 1);
/** More or fewer rules, of all zones together. */
export const RULES = Number(process.env.RECURRENCE_RULES ?? 20_000);
/** So many dates of each rule are compared. */
const DATES = 10;
const DAY_MS = 24 * 60 * 60 * 1000;

function firstOf(calendar: Calendar, count: number): Occurrence[] {
  const found: Occurrence[] = [];
  let occurrence: Occurrence | null = checkRule(calendar, '');
  while (occurrence && found.length < count) {
    found.push(occurrence);
    occurrence = nextOccurrence(calendar, occurrence.local);
  }
  return found;
}

const isNever = expect.objectContaining({ faults: [{ pointer: '', detail: expect.stringContaining('Never') }] });

/** Tests that random rules have the occurrences in a zone that a walk through all days finds. */
export function testRandomRules(timeZone: string): void {
  const rules = Math.ceil(RULES / ODD_ZONES.length);

  it(`of ${rules} rules, seed ${SEED}`, { timeout: 600_000 }, () => {
    const chances = chancesFrom(randomNumbers(SEED * 1000 + ODD_ZONES.indexOf(timeZone)));
    const counts = { rules, never: 0, ended: 0, occurrences: 0, latest: 0 };
    for (let index = 0; index < rules; index += 1) {
      const { calendar, rule } = randomCalendar(chances, timeZone);
      const { slots, ended } = occurrencesDayByDay(calendar, rule, DATES);
      const about = JSON.stringify(calendar);
      if (slots.length === 0) {
        expect(() => checkRule(calendar, ''), about).toThrow(isNever);
        counts.never += 1;
        continue;
      }
      expect(firstOf(calendar, ended ? slots.length + 1 : slots.length), about).toEqual(slots);
      counts.ended += ended ? 1 : 0;
      counts.occurrences += slots.length;

      const place = Math.floor(chances.random() * slots.length);
      expect(nextOccurrence(calendar, localBefore(slots, place, chances.random())), about).toEqual(slots[place]);

      const from = (slots[Math.floor(chances.random() * (place + 1))] as Occurrence).local;
      const now = new Date((slots[place] as Occurrence).at.getTime() + chances.random() * 10 * DAY_MS);
      if (!ended && now.getTime() > (slots.at(-1) as Occurrence).at.getTime() - DAY_MS) continue;
      const due = slots.filter(({ local, at }) => local >= from && at <= now);
      const latest = { occurrence: due.at(-1), passedOver: due.length - 1 };
      expect(latestOccurrence(calendar, from, now), `${about} ${from} ${now.toISOString()}`).toEqual(latest);
      counts.latest += 1;
    }
    process.stdout.write(`${timeZone}: ${JSON.stringify(counts)}\n`);
    expect(counts.occurrences).toBeGreaterThan(4 * rules);
  });
}

/** A local time after the occurrence before a place and before the one at it. */
function localBefore(slots: readonly Occurrence[], place: number, fraction: number): string {
  const [before, at] = [slots[place - 1]?.local ?? '1970-01-01T00:00:00', slots[place]?.local ?? ''];
  const [from, to] = [before, at].map((local) => Date.parse(`${local.padEnd(19, 'T00:00:00')}Z`));
  const local = new Date(Math.floor(((from ?? 0) + fraction * ((to ?? 0) - (from ?? 0))) / 1000) * 1000);
  return local.toISOString().slice(0, at.length);
}
