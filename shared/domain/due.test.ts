import { describe, expect, it } from 'vitest';
import { dueInstant, inZone, newDueSchema, reminderAnchor } from './due.ts';
import { faultsOf } from './faults.ts';

const faultsIn = (input: unknown) => {
  const { error } = newDueSchema.safeParse(input);
  return error ? faultsOf(error) : [];
};

describe('a due time', () => {
  it('is a day or a wall time, in a zone', () => {
    expect(newDueSchema.parse({ date: '2026-03-01', timeZone: 'Europe/Madrid' })).toEqual({
      date: '2026-03-01',
      timeZone: 'Europe/Madrid',
    });
    expect(newDueSchema.parse({ dateTime: '2026-03-01T09:00', timeZone: 'UTC' })).toEqual({
      dateTime: '2026-03-01T09:00:00',
      timeZone: 'UTC',
    });
  });

  it('may float: it is the same wall time in whatever zone its user is', () => {
    const due = newDueSchema.parse({ dateTime: '2026-03-29T02:30', floating: true });
    expect(inZone(due, 'Asia/Tokyo')).toEqual({
      dateTime: '2026-03-29T02:30:00',
      timeZone: 'Asia/Tokyo',
      floating: true,
    });
    // The clocks of Madrid skip it; it comes when they would have shown it.
    expect(dueInstant(inZone(due, 'Europe/Madrid'))).toEqual(new Date('2026-03-29T01:30:00Z'));
  });

  it('that floats has no zone of its own, whatever is sent', () => {
    const due = newDueSchema.parse({ date: '2026-03-01', timeZone: 'Europe/Madrid', floating: true });
    expect(inZone(due, 'UTC')).toEqual({ date: '2026-03-01', timeZone: 'UTC', floating: true });
    expect(faultsIn({ date: '2026-03-01', floating: false })).toMatchObject([{ pointer: '/floating' }]);
  });

  it('says where a fault is', () => {
    expect(faultsIn({ date: '2026-02-30', timeZone: 'UTC' })).toMatchObject([{ pointer: '/date' }]);
    expect(faultsIn({ dateTime: '2026-03-01T09:00', timeZone: '+02:00' })).toMatchObject([{ pointer: '/timeZone' }]);
    expect(faultsIn({ dateTime: '2026-03-01T09:00' })).toMatchObject([{ pointer: '/timeZone' }]);
  });

  it('has no other field, and not both', () => {
    expect(faultsIn({ date: '2026-03-01', timeZone: 'UTC', hour: 9 })).not.toEqual([]);
    expect(faultsIn({ date: '2026-03-01', dateTime: '2026-03-01T09:00', timeZone: 'UTC' })).not.toEqual([]);
    expect(faultsIn('2026-03-01')).not.toEqual([]);
  });

  it('is refused where a clock change skips it, and names the zone', () => {
    const [fault] = faultsIn({ dateTime: '2024-03-10T02:30', timeZone: 'America/New_York' });
    expect(fault).toMatchObject({ pointer: '/dateTime', detail: expect.stringContaining('America/New_York') });
    expect(faultsIn({ date: '2011-12-30', timeZone: 'Pacific/Apia' })).toMatchObject([{ pointer: '/date' }]);
    expect(faultsIn({ dateTime: '2024-03-10T02:30', timeZone: 'UTC' })).toEqual([]);
  });
});

describe('a task', () => {
  it('is overdue from its wall time on', () => {
    expect(dueInstant({ dateTime: '2026-07-01T09:00:00', timeZone: 'Europe/Madrid' })).toEqual(
      new Date('2026-07-01T07:00:00Z'),
    );
  });

  it('that is due on a day is overdue when the day has passed, however long it was', () => {
    expect(dueInstant({ date: '2026-03-29', timeZone: 'Europe/Madrid' })).toEqual(new Date('2026-03-29T22:00:00Z'));
    expect(dueInstant({ date: '2026-03-28', timeZone: 'Europe/Madrid' })).toEqual(new Date('2026-03-28T23:00:00Z'));
  });

  it('has its reminders counted from its wall time, or from nine in the morning', () => {
    expect(reminderAnchor({ dateTime: '2026-07-01T18:00:00', timeZone: 'UTC' })).toEqual(
      new Date('2026-07-01T18:00:00Z'),
    );
    expect(reminderAnchor({ date: '2026-07-01', timeZone: 'Europe/Madrid' })).toEqual(new Date('2026-07-01T07:00:00Z'));
  });
});
