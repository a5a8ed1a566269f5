import { describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { dueOf, readRule, recurrenceSchema } from './recurrence.ts';

const faultsIn = (input: unknown) => {
  const { error } = recurrenceSchema.safeParse(input);
  return error ? faultsOf(error) : [];
};

describe('a recurrence', () => {
  it('clamps and shifts unless it is told otherwise', () => {
    expect(recurrenceSchema.parse({ rule: 'FREQ=DAILY' })).toEqual({
      rule: 'FREQ=DAILY',
      overflow: 'clamp',
      gap: 'shift',
      exdates: [],
      rdates: [],
    });
  });

  it('leaves out and adds dates, each once and in order', () => {
    const { exdates, rdates } = recurrenceSchema.parse({
      rule: 'FREQ=DAILY',
      exdates: ['2026-03-02', '2026-03-01', '2026-03-02'],
      rdates: ['2026-04-01T10:00', '2026-03-01T10:00:00'],
    });
    expect(exdates).toEqual(['2026-03-01', '2026-03-02']);
    expect(rdates).toEqual(['2026-03-01T10:00:00', '2026-04-01T10:00:00']);
  });

  it.each([
    ['2026-02-30', '/exdates/0'],
    ['2026-02-28T24:00', '/exdates/0'],
    ['1969-12-31', '/exdates/0'],
    ['2201-01-01T09:00', '/exdates/0'],
    ['2026-03-01T09:00:00Z', '/exdates/0'],
    [20260301, '/exdates/0'],
  ])('cannot leave out %s', (date, pointer) => {
    expect(faultsIn({ rule: 'FREQ=DAILY', exdates: [date] })).toMatchObject([{ pointer }]);
  });

  it('leaves out and adds at most a hundred dates', () => {
    const dates = Array.from({ length: 101 }, (_, index) => `${2000 + index}-01-01`);
    expect(faultsIn({ rule: 'FREQ=DAILY', exdates: dates.slice(1), rdates: dates })).toEqual([
      { pointer: '/rdates', detail: 'Must have at most 100 dates.' },
    ]);
  });

  it('has its rule in capitals, without the name of the property', () => {
    expect(recurrenceSchema.parse({ rule: ' rrule:freq=weekly;byday=mo ' }).rule).toBe('FREQ=WEEKLY;BYDAY=MO');
  });

  it('has no other fields and values', () => {
    expect(faultsIn({ rule: 'FREQ=DAILY', until: '2026-01-01' })).toMatchObject([{ pointer: '/until' }]);
    expect(faultsIn({ rule: 'FREQ=DAILY', overflow: 'wrap' })).toMatchObject([{ pointer: '/overflow' }]);
    expect(faultsIn({ overflow: 'clamp' })).toMatchObject([{ pointer: '/rule' }]);
  });

  it('says all that is wrong with a rule', () => {
    expect(faultsIn({ rule: 'FREQ=SECONDLY;INTERVAL=0;COUNT=x' })).toEqual([
      { pointer: '/rule', detail: 'FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY.' },
      { pointer: '/rule', detail: 'INTERVAL must be a whole number from 1 to 1000.' },
      { pointer: '/rule', detail: 'COUNT must be a whole number from 1 to 1000.' },
    ]);
  });
});

describe('a rule', () => {
  it('is read into its parts', () => {
    expect(readRule('FREQ=MONTHLY;BYDAY=-1FR,MO,+2TU;BYMONTH=1,12;UNTIL=20261231T225959Z').rule).toEqual({
      FREQ: 'MONTHLY',
      INTERVAL: 1,
      WKST: 'MO',
      BYMONTH: [1, 12],
      BYDAY: [
        { nth: -1, weekday: 'FR' },
        { nth: null, weekday: 'MO' },
        { nth: 2, weekday: 'TU' },
      ],
      UNTIL: { instant: new Date('2026-12-31T22:59:59Z') },
    });
    expect(readRule('FREQ=DAILY;UNTIL=20261231').rule?.UNTIL).toEqual({ date: '2026-12-31' });
    expect(readRule('FREQ=DAILY;UNTIL=20261231T090000').rule?.UNTIL).toEqual({ local: '2026-12-31T09:00:00' });
  });

  it.each([
    ['', 'RFC 5545'],
    ['every other tuesday', 'RFC 5545'],
    ['FREQ', 'RFC 5545'],
    ['FREQ=DAILY;', 'RFC 5545'],
    ['FREQ=DAILY=2', 'RFC 5545'],
    ['FREQ=DAILY;COUNT=', 'RFC 5545'],
    ['DTSTART:20260101\nRRULE:FREQ=DAILY', 'DTSTART'],
    [`FREQ=DAILY;BYMONTH=1${',1'.repeat(256)}`, '512'],
    ['INTERVAL=2', 'FREQ'],
    ['FREQ=HOURLY', 'FREQ'],
    ['FREQ=DAILY;FREQ=DAILY', 'FREQ must not be given twice'],
    ['FREQ=DAILY;INTERVAL=1001', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=0.5', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=-1', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=1E2', 'INTERVAL'],
    ['FREQ=DAILY;COUNT=1001', 'COUNT'],
    ['FREQ=DAILY;COUNT=0', 'COUNT'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20260805T090000Z', 'together'],
    ['FREQ=DAILY;UNTIL=99991231T235959Z', 'UNTIL must be a real day or time between 1970 and 2200'],
    ['FREQ=DAILY;UNTIL=20260230', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20260201T250000Z', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20260201T09', 'UNTIL'],
    ['FREQ=DAILY;BYHOUR=9,17', 'BYHOUR is not allowed'],
    ['FREQ=DAILY;BYMINUTE=30', 'BYMINUTE is not allowed'],
    ['FREQ=DAILY;BYSECOND=1', 'BYSECOND is not allowed'],
    ['FREQ=MONTHLY;RSCALE=GREGORIAN;SKIP=BACKWARD', 'overflow'],
    ['FREQ=DAILY;X-NAME=1', 'X-NAME is not a part'],
    ['FREQ=DAILY;__PROTO__=1', '__PROTO__ is not a part'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTH=13', 'BYMONTH'],
    ['FREQ=MONTHLY;BYMONTH=-1', 'BYMONTH'],
    ['FREQ=YEARLY;BYYEARDAY=367', 'BYYEARDAY'],
    ['FREQ=YEARLY;BYWEEKNO=54', 'BYWEEKNO'],
    ['FREQ=WEEKLY;BYDAY=MO,XX', 'BYDAY must be made of weekdays'],
    ['FREQ=WEEKLY;BYDAY=0MO', 'BYDAY'],
    ['FREQ=WEEKLY;WKST=DI', 'WKST must be a weekday'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'number'],
    ['FREQ=WEEKLY;BYMONTHDAY=1', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYYEARDAY=1', 'BYYEARDAY'],
    ['FREQ=MONTHLY;BYWEEKNO=1', 'BYWEEKNO'],
    ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO', 'without a number'],
    ['FREQ=MONTHLY;BYSETPOS=1', 'BYSETPOS'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'No month'],
    ['FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=31,-31', 'No month'],
  ])('is not %s', (rule, reason) => {
    expect(readRule(rule).problems.join(' ')).toContain(reason);
  });
});

describe('an instance of an occurrence', () => {
  it('is due at its wall time, or on its day', () => {
    expect(dueOf({ local: '2026-03-01', at: new Date('2026-02-28T23:00:00Z') }, { timeZone: 'Europe/Madrid' })).toEqual(
      {
        date: '2026-03-01',
        timeZone: 'Europe/Madrid',
      },
    );
    expect(
      dueOf({ local: '2026-03-01T09:00:00', at: new Date('2026-03-01T08:00:00Z') }, { timeZone: 'Europe/Madrid' }),
    ).toEqual({
      dateTime: '2026-03-01T09:00:00',
      timeZone: 'Europe/Madrid',
    });
  });

  it('is due on the day after one that a zone left out', () => {
    expect(dueOf({ local: '2011-12-30', at: new Date('2011-12-30T10:00:00Z') }, { timeZone: 'Pacific/Apia' })).toEqual({
      date: '2011-12-31',
      timeZone: 'Pacific/Apia',
    });
  });

  it('is due when the clocks show the time that stands in for a skipped one', () => {
    expect(
      dueOf({ local: '2024-03-10T02:30:00', at: new Date('2024-03-10T07:30:00Z') }, { timeZone: 'America/New_York' }),
    ).toEqual({
      dateTime: '2024-03-10T03:30:00',
      timeZone: 'America/New_York',
    });
  });
});
