import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Due } from './due.ts';
import { checkRule, nextOccurrence } from './occurrences.ts';
import { dueOf, isAllDay } from './recurrence.ts';
import { isExpired, remindAt } from './reminder.ts';
import { scheduleSchema } from './schedule.ts';
import { apart, creationLead, type Series, startSeries } from './series.ts';
import { patchedSeries, type Situation, slotOf } from './seriesChanges.ts';
import { advanced, doneAt, ended, paused, resumed } from './seriesProgress.ts';
import { skipped } from './seriesSkip.ts';
import { split } from './seriesSplit.ts';
import type { Task } from './task.ts';
import { completed, planTask } from './taskChanges.ts';

// Every example of the page on recurrence and reminders is a row that is made here from what the rules say.

let page: string;
beforeAll(async () => {
  page = await readFile(new URL('README.md', import.meta.url), 'utf8');
});

const code = (text: string) => `\`${text}\``;
const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;

describe('when it recurs', () => {
  const madrid = (dateTime: string): Due => ({ dateTime, timeZone: 'Europe/Madrid' });
  const utc = (date: string): Due => ({ date, timeZone: 'UTC' });
  test.each<[choice: string, due: Due, recurrence: { rule: string } & Record<string, unknown>]>([
    ['a wall time keeps to the clocks of its zone', madrid('2026-03-28T09:00:00'), { rule: 'FREQ=DAILY' }],
    ['a whole day', utc('2026-03-02'), { rule: 'FREQ=WEEKLY;BYDAY=MO,TH' }],
    ['`overflow: clamp`, the default', utc('2026-01-31'), { rule: 'FREQ=MONTHLY' }],
    ['`overflow: skip`', utc('2026-01-31'), { rule: 'FREQ=MONTHLY', overflow: 'skip' }],
    ['`overflow: clamp`, leap day', utc('2024-02-29'), { rule: 'FREQ=YEARLY' }],
    ['`overflow: skip`, leap day', utc('2024-02-29'), { rule: 'FREQ=YEARLY', overflow: 'skip' }],
    ['`gap: shift`, the default', madrid('2026-03-28T02:30:00'), { rule: 'FREQ=DAILY' }],
    ['`gap: skip`', madrid('2026-03-28T02:30:00'), { rule: 'FREQ=DAILY', gap: 'skip' }],
    ['weeks begin on Monday, the default', utc('2026-03-01'), { rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU' }],
    ['weeks begin on Sunday', utc('2026-03-01'), { rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU' }],
    ['an end by number', utc('2026-03-02'), { rule: 'FREQ=DAILY;COUNT=3' }],
    ['an end by date', utc('2026-03-02'), { rule: 'FREQ=DAILY;UNTIL=20260303' }],
    ['`exdates`', utc('2026-03-02'), { rule: 'FREQ=DAILY', exdates: ['2026-03-03'] }],
    ['`rdates`', utc('2026-03-02'), { rule: 'FREQ=WEEKLY', rdates: ['2026-03-04'] }],
  ])('%s', (choice, due, recurrence) => {
    const { calendar } = apart(scheduleSchema.parse(recurrence), due);
    const slots: string[] = [];
    for (let slot: ReturnType<typeof nextOccurrence> = checkRule(calendar, ''); slot && slots.length < 4; ) {
      slots.push(isAllDay(slot.local) ? slot.local : slot.at.toISOString().replace(/:00\.000/, ''));
      slot = nextOccurrence(calendar, slot.local);
    }
    const from = 'date' in due ? due.date : `${due.dateTime} ${due.timeZone}`;
    const end = slots.length < 4 ? ', no more' : '';
    expect(page).toContain(row(choice, code(JSON.stringify(recurrence)), from, `${slots.join(', ')}${end}`));
  });
});

/** A series with its tasks, as the functions move it on. */
interface World {
  series: Series;
  tasks: Task[];
}

const START: Due = { dateTime: '2026-03-02T09:00:00', timeZone: 'UTC' };
const template = { title: 'Water the plants', description: null, priority: 'medium' as const, tags: [], reminders: [] };
const at = (day: number, time = '12:00') => new Date(`2026-03-${String(day).padStart(2, '0')}T${time}:00Z`);
const isOpen = ({ status, deletedAt }: Task) => status === 'open' && deletedAt === null;

async function begin(recurrence: object): Promise<World> {
  const schedule = scheduleSchema.parse({ rule: 'FREQ=DAILY', ...recurrence });
  const beginning = { id: randomUUID(), userId: 'alice', template, due: START, schedule };
  const { series, slot } = await startSeries(beginning, at(1));
  return { series, tasks: [instance(series.id, slot.local, at(1))] };
}

function instance(seriesId: string, local: string, now: Date): Task {
  const due = dueOf({ local, at: new Date(`${local}Z`) }, { timeZone: 'UTC' });
  return planTask(template, { newId: randomUUID, now, due, occurrence: { seriesId, local }, remindFrom: now });
}

/** Makes what is due to be made, as the cron does in its ticks. */
async function tick({ series, tasks }: World, now: Date): Promise<World> {
  const { state, next, choices } = series;
  const waits = choices.overlap === 'single_open' && tasks.some(isOpen);
  if (state !== 'active' || !next || waits || next.at.getTime() - creationLead([]) > now.getTime()) {
    return { series, tasks };
  }
  const made = await advanced(series, now);
  return tick(
    { series: made.series, tasks: [...tasks, ...made.slots.map(({ local }) => instance(series.id, local, now))] },
    now,
  );
}

/** Completes the first task that is open. */
async function complete(world: World, now: Date): Promise<World> {
  const task = world.tasks.find(isOpen);
  if (!task) throw new Error('nothing is open');
  const tasks = world.tasks.map((each) => (each === task ? completed(task, now) : each));
  const counted = world.series.choices.mode === 'after_completion' && world.series.state !== 'ended';
  const series = counted ? await doneAt(world.series, slotOf(task), now) : world.series;
  return tick({ series, tasks }, now);
}

const days = (slots: (string | null)[]) => slots.map((slot) => Number(slot?.slice(8, 10))).join(', ') || 'none';
const openDays = ({ tasks }: World) => days(tasks.filter(isOpen).map(({ occurrence }) => occurrence));
const nextDay = ({ next }: Series) => days(next ? [next.local] : []);

describe('what becomes of slots that were missed', () => {
  test.each<[recurrence: object, done: Date[], seen: Date]>([
    [{ missed: 'latest' }, [at(6)], at(6, '13:00')],
    [{ missed: 'all' }, [at(6)], at(6, '13:00')],
    [{ missed: 'all' }, [at(6), at(6), at(6)], at(6, '13:00')],
    [{ missed: 'skip' }, [at(6)], at(6, '13:00')],
    [{ missed: 'skip' }, [at(6)], at(7, '08:00')],
    [{ missed: 'latest', overlap: 'allow' }, [], at(6)],
    [{ missed: 'all', overlap: 'allow' }, [], at(6)],
    [{ missed: 'skip', overlap: 'allow' }, [], at(6)],
    [{ missed: 'skip', overlap: 'allow' }, [], at(7, '08:00')],
    [{ mode: 'after_completion' }, [at(6)], at(7, '08:00')],
    [{ mode: 'after_completion', rule: 'FREQ=DAILY;INTERVAL=3' }, [at(6)], at(9, '08:00')],
    [{ mode: 'after_completion', rule: 'FREQ=WEEKLY;BYDAY=SU' }, [at(6)], at(8, '08:00')],
  ])('%o, done at %o, seen at %o', async (recurrence, done, seen) => {
    let world = await begin(recurrence);
    for (const moment of done) world = await complete(world, moment);
    world = await tick(world, seen);
    const time = (moment: Date) => moment.toISOString().slice(8, 16).replace('T', ', ').replace(/^0/, '');
    const cells = [code(JSON.stringify(recurrence)), done.map(time).join('; ') || 'never', time(seen)];
    expect(page).toContain(row(...cells, openDays(world), String(world.series.passedOver)));
  });
});

describe('what can be done to a series', () => {
  const situationOf = ({ tasks }: World, now: Date): Situation => ({
    ...{ open: tasks.filter(isOpen), newId: randomUUID, now, userZone: 'UTC' },
    done: tasks.filter((task) => !isOpen(task)).map(slotOf),
  });

  test('pause and resume', async () => {
    const world = await complete({ ...(await begin({})) }, at(2));
    const series = await resumed(paused(world.series, at(2)), at(6));
    expect(page).toContain(
      row(
        '`pause` on 2 March, `resume` on 6 March at noon',
        `next ${nextDay(series)}, passed over ${series.passedOver}`,
      ),
    );
  });

  test('end', async () => {
    const world = await begin({});
    const series = ended(world.series, at(1));
    const after = await complete({ ...world, series }, at(2));
    expect(page).toContain(
      row('`end`, then complete what is open', `open ${openDays(after)}, next ${nextDay(series)}`),
    );
  });

  test('skip', async () => {
    const world = await begin({});
    const [first = null] = world.tasks;
    const ahead = await skipped(world.series, '2026-03-03T09:00:00', { instance: null, now: at(1) });
    expect(page).toContain(row('`skip` 2026-03-03T09:00', `next ${nextDay(ahead.series)}`));
    const open = await skipped(world.series, '2026-03-02T09:00:00', { instance: first, now: at(1) });
    const deleted = open.tasks.map(({ after }) => after.occurrence);
    expect(page).toContain(
      row('`skip` 2026-03-02T09:00, whose task is open', `deleted ${days(deleted)}, next ${nextDay(open.series)}`),
    );
  });

  test('change the whole series', async () => {
    const world = await begin({});
    const start = { dateTime: '2026-03-02T18:00:00', timeZone: 'UTC' };
    const ahead = await patchedSeries(world.series, { start }, situationOf(world, at(1)));
    const moved = ahead.tasks.map(({ after }) => after.occurrence);
    expect(page).toContain(row('`PATCH`, to 18:00, on 1 March', `the open one moves to ${moved}`));
    const past = await patchedSeries(world.series, { start }, situationOf(world, at(4)));
    expect(past.tasks).toEqual([]);
    expect(page).toContain(
      row('`PATCH`, to 18:00, on 4 March at noon', `the open one stays, next ${past.series.next?.local}`),
    );
  });

  test('split', async () => {
    const world = await begin({ rule: 'FREQ=DAILY;COUNT=10' });
    const options = { from: '2026-03-06T09:00:00', patch: { title: 'Water the garden' }, id: randomUUID() };
    const { before, after } = await split(world.series, options, situationOf(world, at(1)));
    expect(page).toContain(
      row(
        '`split` a series with `COUNT=10` at 2026-03-06T09:00',
        `${code(before.calendar.rule)} until then, ${code(after.calendar.rule)} from then on`,
      ),
    );
  });
});

describe('when it reminds', () => {
  const madrid = { dateTime: '2026-03-29T09:00:00', timeZone: 'Europe/Madrid' };
  test.each([
    ['a calendar day before, across a clock change', { before: 'P1D' }, madrid],
    ['24 hours before, across a clock change', { before: 'PT24H' }, madrid],
    [
      'an hour before a whole day, which counts from 09:00',
      { before: 'PT1H' },
      { date: '2026-03-29', timeZone: 'Europe/Madrid' },
    ],
    ['at an instant', { at: '2026-03-29T06:30:00.000Z' }, madrid],
  ])('%s', (what, reminder, due) => {
    const local = 'date' in due ? due.date : due.dateTime;
    const cells = [what, code(JSON.stringify(reminder)), `${local} ${due.timeZone}`];
    expect(page).toContain(
      row(
        ...cells,
        remindAt(reminder, due)
          .toISOString()
          .replace(/:00\.000/, ''),
      ),
    );
  });

  test('late, up to a day', () => {
    const time = at(2, '09:00');
    expect([isExpired(time, at(3, '09:00')), isExpired(time, at(3, '09:01'))]).toEqual([false, true]);
    expect(page).toContain('due on 2 March at 09:00, sent until 3 March at 09:00');
  });
});
