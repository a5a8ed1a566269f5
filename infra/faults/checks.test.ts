import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import type { Evidence } from './checks/check.ts';
import { checks, runChecks } from './checks.ts';
import { clientViolations, scriptViolations } from './scriptViolations.ts';
import { DONE, FIRST, id, PLAIN, REMINDED, REMINDER, REMINDER_EVENT, SECOND, soundState } from './soundState.ts';

let database: TestDatabase;
let evidence: Evidence;

beforeAll(async () => {
  database = await testDatabase();
  // Violations of what the database itself forbids are planted too.
  await database.query('alter table tasks drop constraint one_instance_per_occurrence');
});
afterAll(() => database?.close());
beforeEach(async () => {
  await database.reset();
  evidence = await soundState(database);
});

it('finds nothing wrong with a sound state, and looks at something for every promise', async () => {
  const verdicts = await runChecks(evidence);
  expect(verdicts.filter(({ violations }) => violations.length > 0)).toEqual([]);
  expect(verdicts.filter(({ looked }) => looked === 0)).toEqual([]);
});

const sql =
  (text: string, ...params: unknown[]) =>
  async () =>
    void (await database.query(text, params));

/** What breaks a promise: the promise, what is planted, and how. */
const violations: [promise: string, what: string, plant: () => unknown][] = [
  ['Every acknowledged task is there', 'a task is lost', sql('delete from tasks where id = $1', id(PLAIN))],
  ['Every acknowledged task is there', 'a title changed', sql(`update tasks set title = 'x' where id = $1`, id(PLAIN))],
  ['Every acknowledged task is there', 'a tag is lost', sql(`update tasks set tags = '{a}' where id = $1`, id(PLAIN))],
  [
    'Every acknowledged task is there',
    'it is somebody else’s',
    sql(`update tasks set user_id = 'bob' where id = $1`, id(PLAIN)),
  ],
  [
    'Every acknowledged task is there',
    'it is of no series',
    sql('update tasks set series_id = null, occurrence_local = null where id = $1', id(FIRST)),
  ],
  ['Every reminder of an acknowledged task', 'one is lost', sql('delete from reminders')],
  [
    'Every reminder of an acknowledged task',
    'one was moved',
    sql(`update reminders set remind_at = remind_at - interval '1 ms'`),
  ],
  [
    'Every reminder of an acknowledged task',
    'one is there twice',
    sql(`insert into reminders select gen_random_uuid(), task_id, user_id, spec, remind_at, status from reminders`),
  ],
  [
    'Every acknowledged completion',
    'a task is open again',
    sql(`update tasks set status = 'open', completed_at = null where id = $1`, id(DONE)),
  ],
  [
    'Every acknowledged completion',
    'it was completed again',
    sql('update tasks set version = 3 where id = $1', id(DONE)),
  ],
  [
    'No write was done twice',
    'two tasks have one title',
    sql(
      `update outbox set data = jsonb_set(data, '{title}', '"task 1"') where task_id = $1 and event_type = 'task.created'`,
      id(DONE),
    ),
  ],
  ['No answer contradicted', 'a task was not found', () => evidence.ledger.contradictions.push('404')],
  [
    'Every committed change wrote its events',
    'no task.created',
    sql('delete from outbox where event_id = $1', id(101)),
  ],
  [
    'Every committed change wrote its events',
    'no task.completed',
    sql('delete from outbox where event_id = $1', id(103)),
  ],
  [
    'Every committed change wrote its events',
    'no recurring.trigger',
    sql('delete from outbox where event_id = $1', id(110)),
  ],
  [
    'Every committed change wrote its events',
    'a reminder.due of a cancelled reminder',
    sql(`update reminders set status = 'cancelled'`),
  ],
  ['Every committed change wrote its events', 'two of one completion', () => copyEvent(103)],
  [
    'Every committed change wrote its events',
    'an event of no task',
    sql('update outbox set task_id = gen_random_uuid() where event_id = $1', id(101)),
  ],
  ['Every event took effect', 'an event is lost', sql('delete from inbox where event_id = $1', id(101))],
  [
    'Every event took effect',
    'an event of nobody took effect',
    sql(`insert into inbox values ('onTaskCreated', $1, now())`, id(999)),
  ],
  [
    'The outbox is empty',
    'an event is unpublished',
    sql('update outbox set published_at = null where event_id = $1', id(101)),
  ],
  [
    'Events of a task were written and published in order',
    'it was completed before it was created',
    sql(
      `update outbox set event_type = case event_type when 'task.created' then 'task.completed' else 'task.created' end where task_id = $1`,
      id(DONE),
    ),
  ],
  [
    'Events of a task were written and published in order',
    'an older version is behind a newer one',
    sql(`update outbox set data = '{"version": 0}' where event_id = $1`, id(103)),
  ],
  [
    'Events of a task were written and published in order',
    'the second was published first',
    sql(`update outbox set published_at = published_at - interval '1 h' where event_id = $1`, id(103)),
  ],
  [
    'Events of a task, of one type, were handled in order',
    'the second reminder was handled first',
    plantSecondReminderFirst,
  ],
  ['Statistics', 'one task too many', sql('update stats_slots set created = created + 1 where created > 0')],
  [
    'Statistics',
    'a completion is missing',
    sql('update stats_slots set completed = completed - 1 where completed > 0'),
  ],
  ['Statistics', 'a late task counts where it was done', sql('update stats_slots set late = 1 - late')],
  ['Statistics', 'a quarter-hour is missing', sql('delete from stats_slots where created > 0')],
  ['Statistics', 'a deleted task still counts', sql('update tasks set deleted_at = now() where id = $1', id(PLAIN))],
  ['One notification of each new task', 'one is lost', sql('delete from notifications where task_id = $1', id(PLAIN))],
  [
    'One notification of each new task',
    'one went to somebody else',
    sql(`update notifications set user_id = 'bob' where task_id = $1`, id(PLAIN)),
  ],
  ['One notification of each new task', 'an instance was announced twice', () => copyNotification('recurring.trigger')],
  ['No notification twice', 'a new task', () => copyNotification('task.created')],
  ['No notification twice', 'a reminder', () => copyNotification('reminder.due')],
  ['Every reminder came to its right end', 'one was forgotten', sql(`update reminders set status = 'pending'`)],
  [
    'Every reminder came to its right end',
    'one is pending though its task is done',
    sql(`update reminders set status = 'pending', remind_at = now() + interval '1 h', task_id = $1`, id(DONE)),
  ],
  ['Every reminder came to its right end', 'one expired in time', sql(`update reminders set status = 'expired'`)],
  [
    'Every reminder came to its right end',
    'one was cancelled though its task is open',
    sql(`update reminders set status = 'cancelled'`),
  ],
  [
    'One notification of each reminder',
    'one was not shown',
    sql(`delete from notifications where kind = 'reminder.due'`),
  ],
  ['One notification of each reminder', 'one was shown twice', () => copyNotification('reminder.due')],
  [
    'One notification of each reminder',
    'one of nothing was shown',
    sql(
      `insert into notifications select gen_random_uuid(), user_id, $1, kind, message, created_at from notifications where kind = 'reminder.due'`,
      id(DONE),
    ),
  ],
  [
    'No reminder of a task whose completion',
    'one was shown after it',
    sql(`insert into notifications values (gen_random_uuid(), 'alice', $1, 'reminder.due', 'm', now())`, id(DONE)),
  ],
  [
    'No reminder before its time',
    'it was triggered early',
    sql(`update outbox set occurred_at = '2026-03-01T09:00:14.999Z' where event_id = $1`, REMINDER_EVENT),
  ],
  [
    'No reminder before its time',
    'it was shown early',
    sql(`update notifications set created_at = '2026-03-01T09:00:14.999Z' where kind = 'reminder.due'`),
  ],
  [
    'No reminder before its time',
    'it was handled early',
    sql(`update inbox set processed_at = '2026-03-01T09:00:14.999Z' where event_id = $1`, REMINDER_EVENT),
  ],
  [
    'At most one instance of a series',
    'two of one occurrence',
    sql(
      'update tasks set occurrence_local = (select occurrence_local from tasks where id = $1) where id = $2',
      id(FIRST),
      id(SECOND),
    ),
  ],
  [
    'At most one instance of a series',
    'two are open',
    sql(`update tasks set status = 'open', completed_at = null where id = $1`, id(FIRST)),
  ],
  ['Every series goes on', 'an instance was not made', sql(`update series set create_at = now() - interval '1 min'`)],
  [
    'Every series goes on',
    'its last instance is done',
    sql(`update tasks set status = 'completed', completed_at = now() where id = $1`, id(SECOND)),
  ],
  ['Events of a task are in the broker in the order', 'they changed places', () => moveEvent(103, 0)],
  ['Every published event is in its topic', 'one is lost', () => evidence.events.shift()],
  [
    'Every published event is in its topic',
    'one is in another',
    () => Object.assign(evidence.events[0] ?? {}, { topic: 'other' }),
  ],
  ['Dead letters only where', 'one that nobody planted', () => evidence.deadLetters.add(id(101))],
  ['Dead letters only where', 'a planted one is lost', () => evidence.deadLetters.clear()],
  ...[...scriptViolations, ...clientViolations].map(([promise, what, plant]): (typeof violations)[number] => [
    ...([promise, what] as const),
    () => plant({ query: database.query, ledger: evidence.ledger }),
  ]),
];

it.each(violations)('%s…: finds that %s', async (start, _, plant) => {
  await plant();
  const check = checks.find(({ promise }) => promise.startsWith(start));
  expect((await check?.run(evidence))?.violations.length).toBeGreaterThan(0);
});

it('has a violation of every promise', () => {
  const unproven = checks.filter(({ promise }) => !violations.some(([start]) => promise.startsWith(start)));
  expect(unproven.map(({ promise }) => promise)).toEqual([]);
});

it('leaves the place of a copied event open where not all of them were seen', async () => {
  moveEvent(103, 0);
  evidence.eventsAreComplete = false;
  evidence.ledger.copiedEvents.push(id(103));
  const verdicts = await runChecks(evidence);
  expect(verdicts.filter(({ violations }) => violations.length > 0)).toEqual([]);
});

async function copyEvent(number: number): Promise<void> {
  await database.query(
    `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at, published_at)
     select gen_random_uuid(), event_type, source, user_id, task_id, data, occurred_at, next_attempt_at, published_at
     from outbox where event_id = $1`,
    [id(number)],
  );
}

async function copyNotification(kind: string): Promise<void> {
  await database.query(
    `insert into notifications select gen_random_uuid(), user_id, task_id, kind, message, created_at
     from notifications where kind = $1 limit 1`,
    [kind],
  );
}

async function plantSecondReminderFirst(): Promise<void> {
  await copyEvent(106);
  await database.query(
    `insert into inbox select 'onReminderDue', o.event_id, i.processed_at - interval '1 s'
     from outbox o, inbox i where o.event_type = 'reminder.due' and o.task_id = $2 and o.event_id <> $1 and i.event_id = $1`,
    [REMINDER_EVENT, id(REMINDED)],
  );
}

function moveEvent(number: number, rank: number): void {
  const event = evidence.events.find((each) => each.id === id(number));
  if (event) event.rank = rank;
}

it('says which task, event or reminder it is', async () => {
  await database.query('delete from reminders');
  const verdict = (await runChecks(evidence)).find(({ promise }) => promise.startsWith('Every reminder of'));
  expect(verdict?.violations).toEqual([`reminder ${REMINDER} of ${id(REMINDED)}`]);
});
