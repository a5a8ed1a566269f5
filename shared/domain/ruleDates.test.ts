import { describe, expect, it } from 'vitest';
import { type Rule, readRule } from './recurrence.ts';
import { ruleDates } from './ruleDates.ts';

const LAST = '2200-12-31';

function datesOf(rule: string, start: string, overflow: 'clamp' | 'skip' = 'skip') {
  return ruleDates(readRule(rule).rule as Rule, start, overflow);
}

function firstOf(dates: Iterable<string>, count: number): string {
  const found: string[] = [];
  for (const date of dates) {
    if (found.push(date) === count) break;
  }
  return found.join(' ');
}

const EXAMPLES: [rule: string, start: string, dates: string][] = [
  ['FREQ=YEARLY;INTERVAL=2;BYMONTH=1,2,3', '1997-03-10', '1997-03-10 1999-01-10 1999-02-10 1999-03-10 2001-01-10'],
  [
    'FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200',
    '1997-01-01',
    '1997-01-01 1997-04-10 1997-07-19 2000-01-01 2000-04-09',
  ],
  ['FREQ=YEARLY;BYDAY=20MO', '1997-05-19', '1997-05-19 1998-05-18 1999-05-17'],
  ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', '1997-05-12', '1997-05-12 1998-05-11 1999-05-17'],
  ['FREQ=YEARLY;BYMONTH=3;BYDAY=TH', '1997-03-13', '1997-03-13 1997-03-20 1997-03-27 1998-03-05 1998-03-12'],
  [
    'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8',
    '1996-11-05',
    '1996-11-05 2000-11-07 2004-11-02',
  ],
  ['FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', '1997-09-02', '1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13'],
  ['FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13', '1997-09-13', '1997-09-13 1997-10-11 1997-11-08 1997-12-13'],
  ['FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU', '1997-09-07', '1997-09-07 1997-09-28 1997-11-02 1997-11-30 1998-01-04'],
  ['FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=10,15', '1997-09-10', '1997-09-10 1997-09-15 1999-03-10 1999-03-15'],
  ['FREQ=MONTHLY;BYMONTHDAY=1,-1', '1997-09-30', '1997-09-30 1997-10-01 1997-10-31 1997-11-01 1997-11-30'],
  ['FREQ=MONTHLY;BYMONTHDAY=15,30', '2007-01-15', '2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30'],
  ['FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3', '1997-09-04', '1997-09-04 1997-10-07 1997-11-06'],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2', '1997-09-29', '1997-09-29 1997-10-30 1997-11-27 1997-12-30'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO', '1997-08-05', '1997-08-05 1997-08-10 1997-08-19 1997-08-24'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU', '1997-08-05', '1997-08-05 1997-08-17 1997-08-19 1997-08-31'],
  ['FREQ=DAILY;INTERVAL=10', '1997-09-02', '1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12'],
];

describe('the examples of RFC 5545 3.8.5.3', () => {
  it.each(EXAMPLES)('%s from %s', (rule, start, expected) => {
    expect(firstOf(datesOf(rule, start).inOrder(start, LAST), expected.split(' ').length)).toBe(expected);
  });
});

describe('the dates of a rule', () => {
  it.each([...EXAMPLES, ['FREQ=YEARLY;BYWEEKNO=1,53;BYSETPOS=-1', '2004-12-30', '']])(
    'are the same ones backwards: %s from %s',
    (rule, start) => {
      const dates = datesOf(rule, start);
      for (const [from, to] of [[start, '2020-06-15'] as const, ['2001-01-01', '2010-12-31'] as const]) {
        expect([...dates.backwards(from, to)].reverse()).toEqual([...dates.inOrder(from, to)]);
      }
    },
  );

  it('lie between its start and the end of 2200, whatever is asked for', () => {
    const yearly = datesOf('FREQ=YEARLY;INTERVAL=60', '2010-05-05');
    expect([...yearly.inOrder('1970-01-01', '9999-12-31')].join(' ')).toBe(
      '2010-05-05 2070-05-05 2130-05-05 2190-05-05',
    );
    expect([...yearly.backwards('1970-01-01', '9999-12-31')].length).toBe(4);
    expect([...yearly.backwards('1970-01-01', '2000-01-01')]).toEqual([]);
  });

  it('are chosen by position from the whole period of the start', () => {
    expect(firstOf(datesOf('FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2', '2025-01-10').inOrder('2025-01-10', LAST), 2)).toBe(
      '2025-01-13 2025-02-10',
    );
    // The week of 1 January 1970 begins in December.
    expect(
      firstOf(datesOf('FREQ=WEEKLY;BYDAY=MO,TH,FR;BYMONTH=1;BYSETPOS=1', '1970-01-01').inOrder('1970-01-01', LAST), 2),
    ).toBe('1970-01-01 1970-01-05');
  });
});

describe('the weeks of a year', () => {
  it('belong to the year that has most of their days, and INTERVAL counts such years', () => {
    const rule = 'FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO';
    expect(firstOf(datesOf(rule, '2024-12-30').inOrder('2024-12-30', LAST), 3)).toBe(
      '2024-12-30 2027-01-04 2029-01-01',
    );
  });

  it('have the weekday of the start if no day is named', () => {
    expect(firstOf(datesOf('FREQ=YEARLY;BYWEEKNO=53', '2015-12-30').inOrder('2015-12-30', LAST), 2)).toBe(
      '2015-12-30 2020-12-30',
    );
  });

  it('begin with WKST', () => {
    const first = (weekStart: string) =>
      firstOf(
        datesOf(`FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU;WKST=${weekStart}`, '2026-01-01').inOrder('2026-01-01', LAST),
        2,
      );
    expect(first('MO')).toBe('2026-01-04 2027-01-10');
    expect(first('SU')).toBe('2026-01-04 2027-01-03');
  });
});
