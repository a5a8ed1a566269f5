import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseSchedule } from './schedule.ts';

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-03-01T00:00:00.000Z') }));
afterEach(() => void vi.useRealTimers());

/** The times of the ticks within a while, as ISO strings without the date where it is the first of March. */
function ticksWithin(schedule: string, milliseconds: number): string[] {
  const times: string[] = [];
  const stop = parseSchedule(schedule)(() => times.push(new Date().toISOString()));
  vi.advanceTimersByTime(milliseconds);
  stop();
  vi.advanceTimersByTime(milliseconds);
  return times;
}

const HOUR = 3_600_000;

describe('a schedule', () => {
  it('has five fields', () => {
    expect(ticksWithin('CRON_TZ=UTC */20 1 * * *', 2 * HOUR)).toEqual([
      '2026-03-01T01:00:00.000Z',
      '2026-03-01T01:20:00.000Z',
      '2026-03-01T01:40:00.000Z',
    ]);
  });

  it('has six fields, the first one seconds', () => {
    expect(ticksWithin('*/30 * * * * *', 60_000)).toEqual(['2026-03-01T00:00:30.000Z', '2026-03-01T00:01:00.000Z']);
  });

  it('is @every and a duration, counted from the start', () => {
    expect(ticksWithin('@every 1m30s', 180_000)).toEqual(['2026-03-01T00:01:30.000Z', '2026-03-01T00:03:00.000Z']);
  });

  it('is @every in whole seconds, and at least one', () => {
    expect(ticksWithin('@every 100ms', 2_000)).toHaveLength(2);
  });

  it('is @every of longer than a timer can wait', () => {
    expect(ticksWithin('@every 1000h', 1000 * HOUR)).toEqual(['2026-04-11T16:00:00.000Z']);
  });

  it.each([
    ['@hourly', '2026-03-01T01:00:00.000Z'],
    ['CRON_TZ=Asia/Tokyo @daily', '2026-03-01T15:00:00.000Z'],
    ['TZ=America/New_York 0 0 * * *', '2026-03-01T05:00:00.000Z'],
    ['CRON_TZ=UTC 0 12 ? * SUN-TUE', '2026-03-01T12:00:00.000Z'],
  ])('%s comes due at %s first', (schedule, first) => {
    expect(ticksWithin(schedule, 24 * HOUR)[0]).toBe(first);
  });

  it.each([
    '',
    '* * * *',
    '* * * * * * *',
    '61 * * * *',
    '@every soon',
    '@sometimes',
    'CRON_TZ=Mars/Base * * * * *',
    '0 0 L * *',
    '0 0 30 2 *',
  ])('%j is refused', (schedule) => {
    expect(() => parseSchedule(schedule)).toThrow();
  });
});
