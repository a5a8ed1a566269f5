import { describe, expect, it } from 'vitest';
import {
  addDays,
  instantOf,
  instantSchema,
  localDateOf,
  localDateSchema,
  localDateTimeOf,
  localDateTimeSchema,
  startOfDay,
  timeZoneSchema,
} from './time.ts';

const messageOf = (result: { error?: { issues: { message: string }[] } | undefined }) =>
  result.error?.issues.map((issue) => issue.message).join(' ');

describe('a time zone', () => {
  it.each(['UTC', 'Europe/Madrid', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'Asia/Kolkata'])(
    'may be %s',
    (zone) => {
      expect(timeZoneSchema.parse(zone)).toBe(zone);
    },
  );

  it.each(['+02:00', '-0300', 'Mars/Olympus', '', 'Europe/Madrid ', 'Local', '🕐'])('is not %j', (zone) => {
    expect(messageOf(timeZoneSchema.safeParse(zone))).toContain('IANA');
  });

  it('is looked up only if it is short', () => {
    expect(messageOf(timeZoneSchema.safeParse('A'.repeat(65)))).toBe('Must have at most 64 characters.');
  });
});

describe('a local date', () => {
  it.each(['1970-01-01', '2024-02-29', '2200-12-31'])('may be %s', (date) => {
    expect(localDateSchema.parse(date)).toBe(date);
  });

  it.each(['1969-12-31', '2201-01-01', '2025-02-29', '2025-13-01', '2025-1-1', '2025-01-01T00:00'])(
    'is not %s',
    (date) => {
      expect(localDateSchema.safeParse(date).success).toBe(false);
    },
  );
});

describe('a local date-time', () => {
  it('gets seconds if it has none', () => {
    expect(localDateTimeSchema.parse('2025-01-31T09:00')).toBe('2025-01-31T09:00:00');
    expect(localDateTimeSchema.parse('2025-01-31T09:00:05')).toBe('2025-01-31T09:00:05');
  });

  it.each([
    '2025-02-30T09:00',
    '2025-01-31T24:00',
    '2025-01-31T23:59:60',
    '2025-01-31T09:60',
    '2025-01-31',
    '2025-01-31T09:00Z',
    '2025-01-31T09:00:00.5',
    '1969-12-31T23:59',
    '2201-01-01T00:00',
  ])('is not %s', (local) => {
    expect(localDateTimeSchema.safeParse(local).success).toBe(false);
  });
});

describe('an instant', () => {
  it('is rewritten in UTC with milliseconds', () => {
    expect(instantSchema.parse('2025-01-31T09:00:00+02:00')).toBe('2025-01-31T07:00:00.000Z');
    expect(instantSchema.parse('2025-01-31T09:00:00.12Z')).toBe('2025-01-31T09:00:00.120Z');
  });

  it.each([
    ['2025-01-31T09:00:00', 'offset'],
    ['2025-02-30T09:00:00Z', 'RFC 3339'],
    ['2025-01-31T09:00:00.1234Z', 'milliseconds'],
    ['1970-01-01T00:00:00+01:00', 'between'],
    ['2200-12-31T23:00:00-02:00', 'between'],
    ['tomorrow', 'RFC 3339'],
  ])('is not %s', (text, reason) => {
    expect(messageOf(instantSchema.safeParse(text))).toContain(reason);
  });
});

describe('the instant of a wall time', () => {
  it('follows the offset of the zone on that day', () => {
    expect(instantOf('2026-03-28T09:00:00', 'Europe/Madrid', 'shift')).toEqual(new Date('2026-03-28T08:00:00Z'));
    expect(instantOf('2026-03-29T09:00:00', 'Europe/Madrid', 'shift')).toEqual(new Date('2026-03-29T07:00:00Z'));
  });

  it('is the first one where clocks show it twice', () => {
    expect(instantOf('2024-11-03T01:30:00', 'America/New_York', 'reject')).toEqual(new Date('2024-11-03T05:30:00Z'));
  });

  it('lies one gap later where clocks skip it, or does not exist', () => {
    expect(instantOf('2024-03-10T02:30:00', 'America/New_York', 'shift')).toEqual(new Date('2024-03-10T07:30:00Z'));
    expect(instantOf('2024-03-10T02:30:00', 'America/New_York', 'reject')).toBeNull();
    expect(instantOf('2024-10-06T02:15:00', 'Australia/Lord_Howe', 'shift')).toEqual(new Date('2024-10-05T15:45:00Z'));
  });

  it('lies a day later on the day that Samoa left out', () => {
    expect(instantOf('2011-12-30T09:00:00', 'Pacific/Apia', 'shift')).toEqual(new Date('2011-12-30T19:00:00Z'));
    expect(instantOf('2011-12-30T09:00:00', 'Pacific/Apia', 'reject')).toBeNull();
  });

  it('is shown by the clocks of the zone, as the platform reads them', () => {
    const zones = ['Europe/Lisbon', 'America/St_Johns', 'Africa/Casablanca', 'Asia/Kathmandu', 'Pacific/Chatham'];
    for (const [index, timeZone] of zones.entries()) {
      const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
      for (let hour = 0; hour < 24 * 366; hour += 17) {
        const local = new Date(Date.UTC(1990 + 20 * index, 0, 1, hour, 30)).toISOString().slice(0, 19);
        const instant = instantOf(local, timeZone, 'reject');
        if (instant) expect(clock.format(instant).replace(' ', 'T')).toBe(local);
      }
    }
  });
});

describe('local time at an instant', () => {
  it('is that of the zone', () => {
    const instant = new Date('2022-09-24T12:30:15.999Z');
    expect(localDateTimeOf(instant, 'Pacific/Auckland')).toBe('2022-09-25T00:30:15');
    expect(localDateOf(instant, 'Pacific/Auckland')).toBe('2022-09-25');
    expect(localDateOf(instant, 'UTC')).toBe('2022-09-24');
  });

  it('starts a day later than midnight where a clock change skips that', () => {
    expect(startOfDay('2018-11-04', 'America/Sao_Paulo')).toEqual(new Date('2018-11-04T03:00:00Z'));
    expect(startOfDay('2018-11-05', 'America/Sao_Paulo')).toEqual(new Date('2018-11-05T02:00:00Z'));
  });
});

describe('calendar days', () => {
  it('are added across months, leap days and years', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2025-01-01', -1)).toBe('2024-12-31');
    expect(addDays('2200-12-31', 1)).toBe('2201-01-01');
  });
});
