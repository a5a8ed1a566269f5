import { describe, expect, it } from 'vitest';
import { costOf, REFUSAL_COST } from '../../infra/testing/recurrenceCost.ts';
import { DomainError } from './errors.ts';
import { checkRule, latestOccurrence, nextOccurrence } from './occurrences.ts';
import cases from './recurrence.cases.json' with { type: 'json' };
import { type Calendar, isAllDay, type Occurrence, recurrenceSchema } from './recurrence.ts';

interface Case {
  rule: string;
  start: string;
  timezone: string;
  overflow?: string;
  gap?: string;
}

function calendarOf({ rule, start, timezone, overflow, gap }: Case): Calendar {
  return { ...recurrenceSchema.parse({ rule, overflow, gap }), start, timeZone: timezone };
}

function firstOf(calendar: Calendar, count: number): Occurrence[] {
  const found: Occurrence[] = [];
  let occurrence: Occurrence | null = checkRule(calendar, '/rule');
  while (occurrence && found.length < count) {
    found.push(occurrence);
    occurrence = nextOccurrence(calendar, occurrence.local);
  }
  return found;
}

const written = ({ local, at }: Occurrence) => (isAllDay(local) ? local : at.toISOString().replace('.000Z', 'Z'));

describe('occurrences that went wrong elsewhere', () => {
  it.each(cases.cases)('$id ($origin), listed from the start', (one) => {
    const { expect: expected, ends } = one;
    const found = firstOf(calendarOf(one), expected.length + 1).map(written);
    expect(found.slice(0, expected.length)).toEqual(expected);
    expect(found.length).toBe(ends ? expected.length : expected.length + 1);
  });

  it.each(cases.cases)('$id ($origin), each found from before it, and back from when it is due', (one) => {
    const found = firstOf(calendarOf(one), one.expect.length);
    for (const [index, { local, at }] of found.entries()) {
      const before = found[index - 1]?.local ?? '1970-01-01';
      const justBefore = new Date(Date.parse(`${local}${isAllDay(local) ? 'T00:00:00' : ''}Z`) - 1000);
      const froms = [before, justBefore.toISOString().slice(0, local.length)];
      for (const from of froms) {
        const next = nextOccurrence(calendarOf(one), from);
        expect(next && written(next), `after ${from}`).toBe(one.expect[index]);
      }
      const latest = latestOccurrence(calendarOf(one), found[0]?.local ?? '', at);
      expect(latest, `until ${at.toISOString()}`).toEqual({ occurrence: { local, at }, passedOver: index });
    }
  });
});

describe('rules that kept others busy, or went unnoticed', () => {
  it.each(cases.refused)('$id is refused soon, with a reason', ({ rule, start, timezone }) => {
    const calendar = {
      rule,
      start,
      timeZone: timezone,
      overflow: 'clamp',
      gap: 'shift',
      exdates: [],
      rdates: [],
    } as const;
    const check = () => checkRule({ ...calendar, exdates: [], rdates: [] }, '/rule');
    expect(check).toThrow(DomainError);
    expect(check).toThrow(
      expect.objectContaining({ code: 'invalid', faults: [expect.objectContaining({ pointer: '/rule' })] }),
    );
    const cost = costOf(() => expect(check).toThrow());
    expect(cost).toBeLessThan(REFUSAL_COST);
  });
});
