import ICAL from 'ical.js';
import { describe, expect, test } from 'vitest';
import { offsetAt } from '../zoneOffset.ts';
import { transitionsBetween } from '../zoneTransitions.ts';
import { writeLines } from './contentLines.ts';
import { timeZoneComponent } from './timeZoneComponent.ts';

const now = new Date('2026-11-28T12:00:00Z');
const since = (year: number, latest = '2027-01-01') => ({
  earliest: new Date(Date.UTC(year, 0, 1)),
  latest: new Date(latest),
});

/** The clock changes that another parser and recurrence engine find in a VTIMEZONE, until a year. */
function changesIn(lines: readonly string[], untilYear: number): { at: number; after: number }[] {
  if (lines.length === 0) return [];
  const zone = new ICAL.Component(ICAL.parse(writeLines(lines)));
  return zone
    .getAllSubcomponents()
    .flatMap((observance) => {
      const before = offset(observance, 'tzoffsetfrom');
      // The parser compares a last instant with local times.
      const rule = observance.getFirstPropertyValue('rrule') as ICAL.Recur | null;
      rule?.until?.adjust(0, 0, 0, before / 1000);
      const expansion = new ICAL.RecurExpansion({
        component: observance,
        dtstart: observance.getFirstPropertyValue('dtstart') as ICAL.Time,
      });
      const changes: { at: number; after: number }[] = [];
      for (let next = expansion.next(); next && next.year < untilYear; next = expansion.next()) {
        const at = Date.parse(`${next.toString()}Z`) - before;
        changes.push({ at, after: offset(observance, 'tzoffsetto') });
      }
      return changes;
    })
    .sort((a, b) => a.at - b.at);
}

function offset(observance: ICAL.Component, name: string): number {
  return (observance.getFirstPropertyValue(name) as ICAL.UtcOffset).toSeconds() * 1000;
}

test.each([
  'Europe/Madrid',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Tehran',
  'Asia/Jerusalem',
  'America/Santiago',
  'Europe/Dublin',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'Antarctica/Troll',
  'America/Godthab',
  'Asia/Gaza',
])('the VTIMEZONE of %s has every clock change of 1990 to 2050 at its instant, and no other', (timeZone) => {
  const lines = timeZoneComponent(timeZone, since(1990, '2050-12-31'), now);
  const known = transitionsBetween(timeZone, new Date('1990-01-01'), new Date('2051-01-01'));
  const told = changesIn(lines, 2051).filter(({ at }) => at >= Date.UTC(1990, 0, 1) && at < Date.UTC(2051, 0, 1));
  expect(told).toEqual(known.map(({ at, after }) => ({ at, after })));
});

test('it says from the first instant on which offset holds, in every zone that this runtime knows', () => {
  for (const timeZone of Intl.supportedValuesOf('timeZone')) {
    const lines = timeZoneComponent(timeZone, since(2026), now);
    const changes = changesIn(lines, 2032);
    for (const instant of ['2026-01-01', '2026-07-01', '2027-02-15', '2031-12-31'].map((date) => new Date(date))) {
      const told = changes.findLast(({ at }) => at <= instant.getTime())?.after ?? 0;
      expect([timeZone, instant, told]).toEqual([timeZone, instant, offsetAt(instant.getTime(), timeZone)]);
    }
  }
});

describe('its form', () => {
  test('is two rules where the clocks change by one rule each', () => {
    expect(timeZoneComponent('Europe/Madrid', since(2026), now)).toEqual([
      'BEGIN:VTIMEZONE',
      'TZID:Europe/Madrid',
      'BEGIN:DAYLIGHT',
      'DTSTART:20250330T020000',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0200',
      'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
      'END:DAYLIGHT',
      'BEGIN:STANDARD',
      'DTSTART:20251026T030000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
      'END:STANDARD',
      'END:VTIMEZONE',
    ]);
  });

  test('is one offset where the clocks never change, and nothing where they show UTC', () => {
    expect(timeZoneComponent('Asia/Kolkata', since(2026), now)).toContain('TZOFFSETTO:+0530');
    expect(timeZoneComponent('Asia/Kolkata', since(2026), now)).toHaveLength(8);
    for (const zone of ['UTC', 'Etc/UTC', 'GMT', 'Africa/Abidjan']) {
      expect(timeZoneComponent(zone, since(2026), now)).toEqual([]);
    }
  });

  test('is short in every zone: under 60 lines as they are written', () => {
    for (const timeZone of Intl.supportedValuesOf('timeZone')) {
      const text = writeLines(timeZoneComponent(timeZone, since(2026), now));
      expect([timeZone, text.split('\r\n').length < 60]).toEqual([timeZone, true]);
    }
  });

  test('has seconds in an offset that has some', () => {
    expect(timeZoneComponent('Africa/Monrovia', since(1971), now)).toContain('TZOFFSETFROM:-004430');
  });
});
