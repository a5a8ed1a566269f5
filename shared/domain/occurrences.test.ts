import { describe, expect, it } from 'vitest';
import { DomainError } from './errors.ts';
import { checkRule, latestOccurrence, MOST_PASSED_OVER, nextOccurrence } from './occurrences.ts';
import { type Calendar, isAllDay, type Occurrence } from './recurrence.ts';

const calendarOf = (rule: string, start: string, options: Partial<Calendar> = {}): Calendar => ({
  rule,
  start,
  timeZone: 'UTC',
  overflow: 'clamp',
  gap: 'shift',
  exdates: [],
  rdates: [],
  ...options,
});

function firstOf(calendar: Calendar, count: number): Occurrence[] {
  const found: Occurrence[] = [];
  let occurrence: Occurrence | null = checkRule(calendar, '/rule');
  while (occurrence && found.length < count) {
    found.push(occurrence);
    occurrence = nextOccurrence(calendar, occurrence.local);
  }
  return found;
}

const localsOf = (calendar: Calendar, count: number) => firstOf(calendar, count).map(({ local }) => local);

const daysOf = (rule: string, start: string, options: Partial<Calendar> & { count: number }) =>
  localsOf(calendarOf(rule, start, options), options.count).join(' ');

const written = ({ local, at }: Occurrence) => (isAllDay(local) ? local : at.toISOString().replace('.000Z', 'Z'));

function refusalOf(calendar: Calendar): string {
  try {
    checkRule(calendar, '/recurrence/rule');
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.code).toBe('invalid');
    expect(error.faults.map((fault) => fault.pointer)).toEqual(error.faults.map(() => '/recurrence/rule'));
    return error.faults.map((fault) => fault.detail).join(' ');
  }
  return '';
}

describe('a rule', () => {
  it('is refused with everything that is wrong', () => {
    const refusal = refusalOf(calendarOf('FREQ=NEVER;COUNT=0', '1900-01-01', { timeZone: 'Mars/Olympus' }));
    for (const problem of ['FREQ', 'COUNT', 'start', 'Mars/Olympus']) expect(refusal).toContain(problem);
  });

  it.each([
    ['FREQ=DAILY;INTERVAL=7;BYDAY=TU', '2025-01-06'],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6', '2025-01-06'],
    ['FREQ=DAILY;UNTIL=20250105', '2025-01-06'],
    ['FREQ=YEARLY;INTERVAL=1000;BYMONTH=1', '2025-02-01'],
  ])('is refused if it never comes to pass: %s', (rule, start) => {
    expect(refusalOf(calendarOf(rule, start))).toContain('Never');
  });

  it('never comes to pass on a day that its months lack, unless that is clamped', () => {
    expect(refusalOf(calendarOf('FREQ=YEARLY;BYMONTH=2', '2025-01-31', { overflow: 'skip' }))).toContain('Never');
    expect(daysOf('FREQ=YEARLY;BYMONTH=2', '2025-01-31', { count: 2 })).toBe('2025-02-28 2026-02-28');
  });

  it('of an all-day task ends with a day', () => {
    expect(refusalOf(calendarOf('FREQ=DAILY;UNTIL=20260101T000000Z', '2025-01-06'))).toContain('UNTIL');
  });

  it('need not match its start, and COUNT counts what matches', () => {
    expect(daysOf('FREQ=WEEKLY;BYDAY=MO;COUNT=2', '2025-01-01', { count: 3 })).toBe('2025-01-06 2025-01-13');
  });

  it('is answered with its first occurrence', () => {
    const calendar = calendarOf('FREQ=WEEKLY;BYDAY=MO', '2025-01-01T09:00:00');
    expect(checkRule(calendar, '')).toEqual({ local: '2025-01-06T09:00:00', at: new Date('2025-01-06T09:00:00Z') });
  });
});

describe('a day that a month lacks', () => {
  it('is replaced by the last day also where the rule names it', () => {
    expect(daysOf('FREQ=MONTHLY;BYMONTHDAY=31', '2025-01-31', { count: 3 })).toBe('2025-01-31 2025-02-28 2025-03-31');
    expect(daysOf('FREQ=MONTHLY;BYMONTHDAY=15,30', '2024-02-01', { count: 4 })).toBe(
      '2024-02-15 2024-02-29 2024-03-15 2024-03-30',
    );
    expect(daysOf('FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=30', '2025-01-01', { count: 3 })).toBe(
      '2025-02-28 2025-04-30 2026-02-28',
    );
  });

  it('makes one occurrence of two that fall together', () => {
    expect(daysOf('FREQ=MONTHLY;BYMONTHDAY=28,30,31', '2025-02-01', { count: 3 })).toBe(
      '2025-02-28 2025-03-28 2025-03-30',
    );
  });

  it('is replaced before weekdays are looked at', () => {
    expect(daysOf('FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=FR', '2025-01-01', { count: 2 })).toBe('2025-01-31 2025-02-28');
  });

  it('is replaced before a position is chosen, and has one', () => {
    const rule = (position: number) => `FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=${position}`;
    expect(daysOf(rule(-1), '2025-01-01', { count: 3 })).toBe('2025-01-31 2025-02-28 2025-03-31');
    expect(daysOf(rule(-2), '2025-01-01', { count: 3 })).toBe('2025-01-30 2025-03-30 2025-04-29');
    expect(daysOf(rule(-2), '2025-01-01', { overflow: 'skip', count: 3 })).toBe('2025-01-30 2025-03-30 2025-04-29');
  });

  it('is not replaced where it is counted from the end of the month', () => {
    expect(daysOf('FREQ=MONTHLY;BYMONTHDAY=-31', '2025-01-01', { count: 3 })).toBe('2025-01-01 2025-03-01 2025-05-01');
  });

  it('counts what it is replaced by', () => {
    expect(daysOf('FREQ=MONTHLY;COUNT=2', '2025-01-31', { count: 9 })).toBe('2025-01-31 2025-02-28');
    expect(daysOf('FREQ=MONTHLY;COUNT=2', '2025-01-31', { overflow: 'skip', count: 9 })).toBe('2025-01-31 2025-03-31');
  });
});

describe('dates that are left out or added', () => {
  const daily = (options: Partial<Calendar>, rule = 'FREQ=DAILY;COUNT=3') =>
    daysOf(rule, '2025-01-01', { count: 9, ...options });

  it('are left out, but counted', () => {
    expect(daily({ exdates: ['2025-01-02', '2025-06-01'] })).toBe('2025-01-01 2025-01-03');
    expect(daily({ exdates: ['2025-01-01'] })).toBe('2025-01-02 2025-01-03');
  });

  it('are added in their place, not counted, each once, whatever the end of the rule', () => {
    expect(daily({ rdates: ['2025-01-02', '2025-02-01'] })).toBe('2025-01-01 2025-01-02 2025-01-03 2025-02-01');
    const weekly = 'FREQ=WEEKLY;UNTIL=20250108';
    expect(daily({ rdates: ['2025-01-05', '2026-01-01'] }, weekly)).toBe('2025-01-01 2025-01-05 2025-01-08 2026-01-01');
  });

  it('are left out rather than added', () => {
    expect(daily({ rdates: ['2025-02-01', '2025-02-02'], exdates: ['2025-02-01'] })).toBe(
      '2025-01-01 2025-01-02 2025-01-03 2025-02-02',
    );
  });

  it('have a time of their own', () => {
    const options = { rdates: ['2025-01-01T08:00:00', '2025-01-01T09:00:01', '2025-01-02T07:00:00'], count: 9 };
    expect(daysOf('FREQ=DAILY;COUNT=2', '2025-01-01T08:00:00', options)).toBe(
      '2025-01-01T08:00:00 2025-01-01T09:00:01 2025-01-02T07:00:00 2025-01-02T08:00:00',
    );
  });

  it('come a gap later, or not, where the clocks skip them', () => {
    const options = { rdates: ['2024-03-10T02:30:00'], timeZone: 'America/New_York' };
    const shifted = firstOf(calendarOf('FREQ=DAILY;COUNT=1', '2024-03-09T09:00:00', options), 9);
    expect(shifted.map(written)).toEqual(['2024-03-09T14:00:00Z', '2024-03-10T07:30:00Z']);
    expect(localsOf(calendarOf('FREQ=DAILY;COUNT=1', '2024-03-09T09:00:00', { ...options, gap: 'skip' }), 9)).toEqual([
      '2024-03-09T09:00:00',
    ]);
  });

  it('are passed over and come last like others', () => {
    const calendar = calendarOf('FREQ=DAILY;COUNT=3', '2025-01-01', {
      rdates: ['2025-02-01'],
      exdates: ['2025-01-02'],
    });
    expect(latestOccurrence(calendar, '2025-01-01', new Date('2026-01-01T00:00:00Z'))).toEqual({
      occurrence: { local: '2025-02-01', at: new Date('2025-02-01T00:00:00Z') },
      passedOver: 2,
    });
  });

  it('must leave something', () => {
    expect(refusalOf(calendarOf('FREQ=DAILY;COUNT=1', '2025-01-01', { exdates: ['2025-01-01'] }))).toContain('Never');
    const added = calendarOf('FREQ=DAILY;COUNT=1', '2025-01-01', { exdates: ['2025-01-01'], rdates: ['2025-03-01'] });
    expect(checkRule(added, '').local).toBe('2025-03-01');
  });

  it.each([
    ['exdates', '2025-01-02T09:00:00', 'dates alone'],
    ['rdates', '2025-01-02T09:00:00', 'dates alone'],
    ['rdates', '2024-12-31', 'before the start'],
    ['rdates', '2025-02-30', 'dates alone'],
  ])('are refused at their own place: %s with %s', (name, date, reason) => {
    expect(() => checkRule(calendarOf('FREQ=DAILY', '2025-01-01', { [name]: [date] }), '/recurrence/rule')).toThrow(
      expect.objectContaining({
        faults: [{ pointer: `/recurrence/${name}`, detail: expect.stringContaining(reason) }],
      }),
    );
  });
});

describe('a day that a zone left out', () => {
  const apia = { timeZone: 'Pacific/Apia' };

  it.each([
    ['2011-12-29', '2011-12-31T00:00:00+14:00'],
    ['2011-12-29T09:00:00', '2011-12-31T09:00:00+14:00'],
  ])('is replaced by the next one, or by none, from %s on', (start, instead) => {
    const locals = ['2011-12-29', '2011-12-30', '2011-12-31'].map((date) => date + start.slice(10));
    const shifted = firstOf(calendarOf('FREQ=DAILY;COUNT=3', start, apia), 9);
    expect(shifted.map(({ local }) => local)).toEqual(locals);
    expect(shifted[1]?.at).toEqual(new Date(instead));
    const skipped = localsOf(calendarOf('FREQ=DAILY;COUNT=2', start, { ...apia, gap: 'skip' }), 9);
    expect(skipped).toEqual([locals[0], locals[2]]);
  });
});

describe('the end of a rule', () => {
  it('in UTC holds for instants, on either side of a clock change', () => {
    const options = { timeZone: 'Europe/Madrid', count: 9 };
    const until = (time: string) => `FREQ=DAILY;UNTIL=20260329T${time}Z`;
    expect(daysOf(until('070000'), '2026-03-28T09:00:00', options)).toBe('2026-03-28T09:00:00 2026-03-29T09:00:00');
    expect(daysOf(until('065959'), '2026-03-28T09:00:00', options)).toBe('2026-03-28T09:00:00');
  });

  it('without a zone holds for wall times', () => {
    const options = { timeZone: 'Europe/Madrid', count: 9 };
    const until = (time: string) => `FREQ=DAILY;UNTIL=20260329T${time}`;
    expect(daysOf(until('090000'), '2026-03-28T09:00:00', options)).toBe('2026-03-28T09:00:00 2026-03-29T09:00:00');
    expect(daysOf(until('085959'), '2026-03-28T09:00:00', options)).toBe('2026-03-28T09:00:00');
  });

  it('that is a day includes the day', () => {
    expect(daysOf('FREQ=DAILY;UNTIL=20260102', '2026-01-01T23:30:00', { count: 9 })).toBe(
      '2026-01-01T23:30:00 2026-01-02T23:30:00',
    );
  });

  it('comes in 2200 at the latest', () => {
    expect(daysOf('FREQ=YEARLY', '2199-06-01', { count: 9 })).toBe('2199-06-01 2200-06-01');
  });
});

describe('an all-day occurrence', () => {
  it('begins with its day', () => {
    const calendar = calendarOf('FREQ=DAILY', '2018-11-03', { timeZone: 'America/Sao_Paulo' });
    expect(firstOf(calendar, 2)).toEqual([
      { local: '2018-11-03', at: new Date('2018-11-03T03:00:00Z') },
      { local: '2018-11-04', at: new Date('2018-11-04T03:00:00Z') },
    ]);
  });
});

describe('the next occurrence', () => {
  const calendar = calendarOf('FREQ=DAILY;INTERVAL=2', '2025-01-01T09:00:00');

  it('lies strictly after a local time, which need not be one of the rule', () => {
    const next = (local: string) => nextOccurrence(calendar, local)?.local;
    expect(next('2024-06-01T00:00:00')).toBe('2025-01-01T09:00:00');
    expect(next('2025-01-03T08:59:59')).toBe('2025-01-03T09:00:00');
    expect(next('2025-01-03T09:00:00')).toBe('2025-01-05T09:00:00');
    expect(next('2025-01-04T00:00:00')).toBe('2025-01-05T09:00:00');
  });

  it('is counted from the start, however late it is asked for', () => {
    const monthly = calendarOf('FREQ=MONTHLY;COUNT=600', '2025-01-31');
    expect(nextOccurrence(monthly, '2074-11-01')?.local).toBe('2074-11-30');
    expect(nextOccurrence(monthly, '2074-11-30')?.local).toBe('2074-12-31');
    expect(nextOccurrence(monthly, '2074-12-31')).toBeNull();
  });
});

describe('the latest occurrence', () => {
  const weekly = calendarOf('FREQ=WEEKLY', '2025-01-06T09:00:00', { timeZone: 'Europe/Madrid' });
  const latest = (from: string, now: string, calendar = weekly) => {
    const found = latestOccurrence(calendar, from, new Date(now));
    return found && { local: found.occurrence.local, passedOver: found.passedOver };
  };

  it('is not there before one is due', () => {
    expect(latest('2025-01-13T09:00:00', '2025-01-13T07:59:59Z')).toBeNull();
  });

  it('is the one from which it is asked for, as soon as that is due', () => {
    expect(latest('2025-01-13T09:00:00', '2025-01-13T08:00:00Z')).toEqual({
      local: '2025-01-13T09:00:00',
      passedOver: 0,
    });
  });

  it('passes over those before it', () => {
    expect(latest('2025-01-13T09:00:00', '2025-02-04T00:00:00Z')).toEqual({
      local: '2025-02-03T09:00:00',
      passedOver: 3,
    });
  });

  it('is the last one of a rule that has ended', () => {
    const counted = { ...weekly, rule: 'FREQ=WEEKLY;COUNT=3' };
    expect(latest('2025-01-06T09:00:00', '2030-01-01T00:00:00Z', counted)).toEqual({
      local: '2025-01-20T09:00:00',
      passedOver: 2,
    });
    const limited = { ...weekly, rule: 'FREQ=WEEKLY;UNTIL=20250120T075959Z' };
    expect(latest('2025-01-06T09:00:00', '2030-01-01T00:00:00Z', limited)).toEqual({
      local: '2025-01-13T09:00:00',
      passedOver: 1,
    });
  });

  it('is found after a hundred years of a rule that seldom matches', () => {
    const seldom = calendarOf('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO', '2024-01-01', { overflow: 'skip' });
    expect(latest('2024-01-01', '2124-01-01T00:00:00Z', seldom)).toEqual({ local: '2112-02-29', passedOver: 2 });
  });

  it('counts a bounded number of those passed over', () => {
    const daily = calendarOf('FREQ=DAILY', '2015-01-01T09:00:00');
    const found = latest('2015-01-01T09:00:00', '2025-01-01T12:00:00Z', daily);
    expect(found).toEqual({ local: '2025-01-01T09:00:00', passedOver: MOST_PASSED_OVER });
  });
});
