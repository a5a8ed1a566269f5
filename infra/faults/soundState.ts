import type { Task } from '../../shared/domain/task.ts';
import { catalogue } from '../../shared/events/catalogue.ts';
import type { TestDatabase } from '../testing/database.ts';
import type { Evidence } from './checks/check.ts';
import { readTasks } from './checks/taskRows.ts';
import { createLedger } from './ledger.ts';
import { soundScript } from './soundScript.ts';

/** Numbers of the state's rows, as UUIDs: `id(1)` is task 1's, `id(101)` its first event's. */
export const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const USER = 'alice';
/** Moments of the state, in seconds after a start in the past. */
const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 9, 0, second)).toISOString();
const CREATE = '/evolution-todo/createTask';
const RECURRING = '/evolution-todo/recurringCron';

/** Titles: plain, done, reminded, and the first and second instance of a series. */
export const [PLAIN, DONE, REMINDED, FIRST, SECOND] = [1, 2, 3, 4, 5] as const;
export const SERIES = id(50);
export const REMINDER = id(60);
export const REMINDER_EVENT = id(106);

interface EventRow {
  number: number;
  type: keyof typeof catalogue;
  task: number;
  version: number;
  second: number;
  source?: string;
  more?: object;
}

const events: EventRow[] = [
  { number: 101, type: 'task.created', task: PLAIN, version: 1, second: 1 },
  { number: 102, type: 'task.created', task: DONE, version: 1, second: 2 },
  { number: 103, type: 'task.completed', task: DONE, version: 2, second: 3 },
  { number: 104, type: 'task.created', task: REMINDED, version: 1, second: 4 },
  {
    number: 106,
    type: 'reminder.due',
    task: REMINDED,
    version: 1,
    second: 20,
    more: { reminder_id: REMINDER, remind_at: at(15) },
  },
  { number: 107, type: 'task.created', task: FIRST, version: 1, second: 5 },
  { number: 108, type: 'task.completed', task: FIRST, version: 2, second: 6 },
  { number: 109, type: 'task.created', task: SECOND, version: 1, second: 7, source: RECURRING },
  { number: 110, type: 'recurring.trigger', task: SECOND, version: 1, second: 7, source: RECURRING },
];

const subscribers: Evidence['subscribers'] = [
  { type: 'task.created', function: 'onTaskCreated' },
  { type: 'task.updated', function: 'onTaskUpdated' },
  { type: 'task.completed', function: 'onTaskCompleted' },
  { type: 'task.deleted', function: 'onTaskDeleted' },
  { type: 'reminder.due', function: 'onReminderDue' },
  { type: 'recurring.trigger', function: 'onRecurringTrigger' },
];

/** Writes what a small run without any fault leaves, and gives it as evidence. */
export async function soundState({ query }: Pick<TestDatabase, 'query'>): Promise<Evidence> {
  await query(
    `insert into series (id, user_id, template, rule, start_local, time_zone, overflow, gap, mode, missed, overlap,
                         next_local, next_at, last_local, made, lead_ms, create_at, created_at, updated_at)
     values ($1, $2, '{}', 'FREQ=DAILY', '2026-03-01T09:00:00', 'UTC', 'clamp', 'shift', 'fixed', 'latest', 'single_open',
             '2026-03-03T09:00:00', '2026-03-03T09:00:00Z', '2026-03-02T09:00:00', 2, 0, null, $3, $3)`,
    [SERIES, USER, at(5)],
  );
  const occurrence = new Map<number, string>([
    [FIRST, '2026-03-01T09:00:00'],
    [SECOND, '2026-03-02T09:00:00'],
  ]);
  for (const number of [PLAIN, DONE, REMINDED, FIRST, SECOND]) {
    const done = number === DONE ? at(3) : number === FIRST ? at(6) : null;
    const local = occurrence.get(number) ?? null;
    await query(
      `insert into tasks (id, user_id, title, priority, tags, status, due_local, due_time_zone, due_at, series_id,
                          occurrence_local, version, created_at, updated_at, completed_at)
       values ($1, $2, $3, 'low', '{a,b}', $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)`,
      [
        ...[id(number), USER, `task ${number}`, done ? 'completed' : 'open'],
        ...[local, local && 'UTC', local && `${local}Z`, local && SERIES, local],
        ...[done ? 2 : 1, createdAt(number), done],
      ],
    );
  }
  await query(
    `insert into reminders (id, task_id, user_id, spec, remind_at, status) values ($1, $2, $3, $4, $5, 'triggered')`,
    [REMINDER, id(REMINDED), USER, { at: at(15) }, at(15)],
  );
  for (const { number, type, task, version, second, source, more } of events) {
    await query(
      `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at, published_at)
       values ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
      [
        id(number),
        type,
        source ?? CREATE,
        USER,
        id(task),
        { version, title: `task ${task}`, ...more },
        at(second),
        at(second + 1),
      ],
    );
    const subscriber = subscribers.find((each) => each.type === type);
    if (!subscriber) continue;
    const handledAt = at(second + 2);
    await query('insert into inbox (function, event_id, processed_at) values ($1, $2, $3)', [
      ...[subscriber.function, id(number), handledAt],
    ]);
    // What users do themselves needs no notification.
    if (type === 'task.completed') continue;
    await query(
      `insert into notifications (id, user_id, task_id, kind, message, created_at) values ($1, $2, $3, $4, 'message', $5)`,
      [id(number + 100), USER, id(task), type, handledAt],
    );
  }
  // The first instance was due when it was created, and done later.
  await query(
    `insert into stats_slots (user_id, slot, created, completed, late)
     values ($1, '2026-03-01T09:00:00Z', 6, 2, 0), ($1, '2026-03-01T08:45:00Z', 0, 0, 1),
            ($1, '2026-03-01T08:30:00Z', 0, 0, 0)`,
    [USER],
  );
  const ledger = ledgerOf();
  const ofScript = await soundScript({ query }, ledger);
  await noteClients({ query }, ledger);
  return { ...remains(ofScript), sql: query, ledger, subscribers };
}

function createdAt(number: number): string {
  const created = events.find(({ task, type }) => task === number && type === 'task.created');
  return at(created?.second ?? 0);
}

function remains(ofScript: Evidence['events']) {
  return {
    events: [
      ...events.map(({ number, type, second }) => ({ id: id(number), topic: catalogue[type].topic, rank: second })),
      ...ofScript,
    ],
    eventsAreComplete: true,
    deadLetters: new Set([id(900)]),
  };
}

/** What clients were told of it: everything but the instance that the cron made. */
function ledgerOf(): Evidence['ledger'] {
  const ledger = createLedger();
  for (const number of [PLAIN, DONE, REMINDED, FIRST])
    ledger.created.push({ userId: USER, task: acknowledged(number) });
  const done = { ...acknowledged(DONE), status: 'completed' as const, version: 2, completedAt: at(3) };
  ledger.completed.push({ task: done, acknowledgedAt: at(4) });
  ledger.poison.push({ id: id(900), certain: true }, { id: id(901), certain: false });
  ledger.count('plain', 'acknowledged');
  return ledger;
}

/** What a client was told that repeated a request, followed the change feed, and read a notification. */
async function noteClients({ query }: Pick<TestDatabase, 'query'>, ledger: Evidence['ledger']): Promise<void> {
  ledger.repeats.push({ request: 'POST /tasks', first: '201 {}', again: '201 {}' });
  const tasks = [...(await readTasks(query, 'user_id', [USER])).values()].map(({ task }) => task);
  ledger.copies.push({ userId: USER, since: 'the start', tasks });
  const [read] = await query<{ id: string }>(
    `update notifications set read_at = $1 where id = (select id from notifications limit 1) returning id`,
    [at(58)],
  );
  ledger.readings.push({ userId: USER, id: read?.id ?? '', readAt: at(58) });
}

function acknowledged(number: number): Task {
  const first = number === FIRST;
  const reminder = { id: REMINDER, spec: { at: at(15) }, remindAt: at(15), snoozed: false, status: 'pending' as const };
  return {
    ...{
      id: id(number),
      title: `task ${number}`,
      description: null,
      priority: 'low',
      tags: ['a', 'b'],
      status: 'open',
    },
    due: first ? { dateTime: '2026-03-01T09:00:00', timeZone: 'UTC' } : null,
    dueAt: first ? '2026-03-01T09:00:00.000Z' : null,
    reminders: number === REMINDED ? [reminder] : [],
    seriesId: first ? SERIES : null,
    occurrence: first ? '2026-03-01T09:00:00' : null,
    ...{ version: 1, createdAt: createdAt(number), updatedAt: createdAt(number), completedAt: null, deletedAt: null },
  };
}
