import { describe, expect, it } from 'vitest';
import type { Due } from './due.ts';
import { DomainError } from './errors.ts';
import { faultsOf } from './faults.ts';
import { isExpired, longestLead, REMINDER_GRACE_MS, remindAt, reminderSchema } from './reminder.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

const detailOf = (input: unknown) => {
  const { error } = reminderSchema.safeParse(input);
  return error ? faultsOf(error).map((fault) => `${fault.pointer} ${fault.detail}`) : [];
};

describe('a reminder', () => {
  it.each(['P1D', 'PT30M', 'P1DT2H', 'P1W', 'PT0S', 'P366D', 'PT90S', 'P52W'])('may come %s before', (before) => {
    expect(reminderSchema.parse({ before })).toEqual({ before });
  });

  it.each([
    ['P1Y', 'Years and months'],
    ['P1M', 'Years and months'],
    ['P1Y2M3D', 'Years and months'],
    ['PT1.5H', 'whole numbers'],
    ['P0,5D', 'whole numbers'],
    ['-P1D', 'negative'],
    ['P367D', '366 days'],
    ['P366DT1S', '366 days'],
    ['P99999D', '366 days'],
    ['P', 'ISO 8601'],
    ['PT', 'ISO 8601'],
    ['P1DT', 'ISO 8601'],
    ['1 day', 'ISO 8601'],
    ['p1d', 'ISO 8601'],
    ['P1H', 'ISO 8601'],
    ['', 'ISO 8601'],
  ])('may not come %j before', (before, reason) => {
    expect(detailOf({ before })).toEqual([expect.stringMatching(new RegExp(`^/before .*${reason}`))]);
  });

  it('is at an instant or before the due time, nothing else', () => {
    expect(reminderSchema.parse({ at: '2026-03-01T09:00:00+01:00' })).toEqual({ at: '2026-03-01T08:00:00.000Z' });
    expect(detailOf({ at: '2026-03-01T09:00:00' })).toMatchObject([expect.stringContaining('/at ')]);
    expect(detailOf({ at: '2026-03-01T09:00:00Z', before: 'P1D' })).not.toEqual([]);
    expect(detailOf({})).not.toEqual([]);
  });
});

describe('the time of a reminder', () => {
  const due: Due = { dateTime: '2026-03-29T18:00:00', timeZone: 'Europe/Madrid' };

  it('is what was given', () => {
    expect(remindAt({ at: '2026-03-01T09:00:00.000Z' }, null)).toEqual(new Date('2026-03-01T09:00:00Z'));
  });

  it('counts days in the calendar of the zone: the same wall time across a clock change', () => {
    expect(remindAt({ before: 'P1D' }, due)).toEqual(new Date('2026-03-28T17:00:00Z'));
    expect(remindAt({ before: 'P1W' }, due)).toEqual(new Date('2026-03-22T17:00:00Z'));
  });

  it('counts hours and minutes exactly', () => {
    expect(remindAt({ before: 'PT24H' }, due)).toEqual(new Date('2026-03-28T16:00:00Z'));
    expect(remindAt({ before: 'PT30M' }, due)).toEqual(new Date('2026-03-29T15:30:00Z'));
    expect(remindAt({ before: 'PT0S' }, due)).toEqual(new Date('2026-03-29T16:00:00Z'));
  });

  it('counts days first and hours from there', () => {
    expect(remindAt({ before: 'P1DT2H' }, due)).toEqual(new Date('2026-03-28T15:00:00Z'));
  });

  it('is counted from nine in the morning of an all-day task', () => {
    const allDay: Due = { date: '2026-03-29', timeZone: 'Europe/Madrid' };
    expect(remindAt({ before: 'PT0S' }, allDay)).toEqual(new Date('2026-03-29T07:00:00Z'));
    expect(remindAt({ before: 'P1D' }, allDay)).toEqual(new Date('2026-03-28T08:00:00Z'));
  });

  it('needs a due time if it is relative', () => {
    expect(() => remindAt({ before: 'P1D' }, null)).toThrow(DomainError);
  });
});

describe('the longest lead of reminders', () => {
  it('is nothing without relative ones', () => {
    expect(longestLead([])).toBe(0);
    expect(longestLead([{ at: '2026-03-01T09:00:00.000Z' }])).toBe(0);
  });

  it('is exact for hours', () => {
    expect(longestLead([{ before: 'PT30M' }, { before: 'PT2H' }])).toBe(2 * HOUR);
  });

  it('covers days that a clock change makes longer', () => {
    const due: Due = { dateTime: '1994-02-01T12:00:00', timeZone: 'Antarctica/Vostok' };
    for (const before of ['P1D', 'P1DT2H', 'P1W']) {
      const lead = remindAt({ before: 'PT0S' }, due).getTime() - remindAt({ before }, due).getTime();
      expect(lead).toBeGreaterThan(DAY);
      expect(longestLead([{ before }])).toBeGreaterThanOrEqual(lead);
    }
  });
});

it('expires when it is more than its grace late', () => {
  const at = new Date('2026-03-01T09:00:00Z');
  expect(isExpired(at, new Date(at.getTime() + REMINDER_GRACE_MS))).toBe(false);
  expect(isExpired(at, new Date(at.getTime() + REMINDER_GRACE_MS + 1))).toBe(true);
  expect(isExpired(at, new Date(at.getTime() - 1))).toBe(false);
});
