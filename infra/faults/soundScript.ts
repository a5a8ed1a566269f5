import { randomUUID } from 'node:crypto';
import type { Task } from '../../shared/domain/task.ts';
import { completed, deleted, patched, planTask, reopened, restored } from '../../shared/domain/taskChanges.ts';
import { catalogue } from '../../shared/events/catalogue.ts';
import { taskCompleted, taskCreated, taskDeleted, taskUpdated } from '../../shared/events/taskEvents.ts';
import type { TestDatabase } from '../testing/database.ts';
import type { Ledger } from './ledger.ts';
import type { Sent } from './scripts/model.ts';
import type { BrokerEvent } from './target.ts';

const USER = 'alice';
/** The task of the script. */
export const SCRIPTED = '00000000-0000-4000-8000-000000000006';
const REMINDER_AT_DUE = '00000000-0000-4000-8000-000000000061';
/** Beyond any run. */
const FAR_REMINDER = '00000000-0000-4000-8000-000000000062';
const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 9) + second * 1000);
const due = (second: number) => ({ dateTime: at(second).toISOString().slice(0, 19), timeZone: 'UTC' });

/**
 * Writes what a task leaves that was changed, moved, completed, opened again, deleted and restored, and reminded twice
 * meanwhile; notes in the ledger what its client was told. Its rows are made by the system's own rules. Resolves to its
 * events as the broker took them.
 */
export async function soundScript({ query }: Pick<TestDatabase, 'query'>, ledger: Ledger): Promise<BrokerEvent[]> {
  const published: BrokerEvent[] = [];
  const ids = [SCRIPTED, REMINDER_AT_DUE, FAR_REMINDER];
  const template = {
    ...{ title: 'script', description: null, priority: 'low' as const, tags: ['a'] },
    reminders: [{ before: 'PT5S' }, { at: '2190-01-01T00:00:00.000Z' }],
  };
  const newId = () => ids.shift() ?? randomUUID();
  const created = planTask(template, { newId, now: at(30), due: due(40), remindFrom: at(30) });
  await writeEvent(30, taskCreated(USER, created), '/evolution-todo/createTask');
  const script: Ledger['scripts'][number] = { userId: USER, created, writes: [] };
  let task = created;

  await remind(36);
  const patch = { title: 'moved', due: due(50) };
  await write(37, { kind: 'update', patch }, (now) => patched(task, patch, { newId, now, userZone: 'UTC' }));
  await remind(46);
  await write(48, { kind: 'complete' }, (now) => completed(task, now));
  await write(50, { kind: 'reopen' }, (now) => reopened(task, 'UTC', now));
  note(51, { kind: 'reopen' }, task);
  await write(52, { kind: 'delete' }, (now) => deleted(task, now));
  note(53, { kind: 'complete' }, undefined);
  await write(54, { kind: 'restore' }, (now) => restored(task, 'UTC', now));
  await insertTask();
  ledger.scripts.push(script);
  return published;

  async function write(second: number, sent: Sent, apply: (now: Date) => Task): Promise<void> {
    const before = task;
    task = apply(at(second));
    await writeEvent(second, eventOf(sent.kind, before, task));
    note(second, sent, task);
  }

  function note(second: number, sent: Sent, answer: Task | undefined): void {
    const [sentAt, acknowledgedAt] = [at(second - 0.5).toISOString(), at(second + 0.5).toISOString()];
    script.writes.push({ sent, sentAt, acknowledgedAt, ifMatch: undefined, status: answer ? 200 : 404, task: answer });
  }

  async function remind(second: number): Promise<void> {
    const reminder = task.reminders.find(({ id }) => id === REMINDER_AT_DUE);
    const reminders = task.reminders.map((each) =>
      each === reminder ? { ...each, status: 'triggered' as const } : each,
    );
    task = { ...task, reminders, version: task.version + 1, updatedAt: at(second).toISOString() };
    const { version, title, dueAt: due_at } = task;
    const data = { version, title, due_at, reminder_id: REMINDER_AT_DUE, remind_at: reminder?.remindAt };
    await writeEvent(second, { type: 'reminder.due', data }, '/evolution-todo/reminderCron');
  }

  async function writeEvent(
    second: number,
    { type, data }: { type: keyof typeof FUNCTIONS; data: object },
    source = '/evolution-todo/script',
  ): Promise<void> {
    const id = randomUUID();
    await query(
      `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at, published_at)
       values ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
      [id, type, source, USER, SCRIPTED, data, at(second), at(second + 0.2)],
    );
    published.push({ id, topic: catalogue[type].topic, rank: second });
    const handledAt = at(second + 0.4);
    await query('insert into inbox (function, event_id, processed_at) values ($1, $2, $3)', [
      FUNCTIONS[type],
      id,
      handledAt,
    ]);
    if (type !== 'task.created' && type !== 'reminder.due') return;
    await query(
      `insert into notifications (id, user_id, task_id, kind, message, created_at) values ($1, $2, $3, $4, 'message', $5)`,
      [randomUUID(), USER, SCRIPTED, type, handledAt],
    );
  }

  async function insertTask(): Promise<void> {
    await query(
      `insert into tasks (id, user_id, title, description, priority, tags, status, due_local, due_time_zone, due_at,
                          version, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6::text[], $7, $8, 'UTC', $9, $10, $11, $12)`,
      [
        ...[SCRIPTED, USER, task.title, task.description, task.priority, `{${task.tags}}`, task.status],
        ...[task.due && 'dateTime' in task.due ? task.due.dateTime : null, task.dueAt],
        ...[task.version, task.createdAt, task.updatedAt],
      ],
    );
    for (const { id, spec, remindAt, snoozed, status } of task.reminders) {
      await query(
        'insert into reminders (id, task_id, user_id, spec, remind_at, snoozed, status) values ($1, $2, $3, $4, $5, $6, $7)',
        [id, SCRIPTED, USER, spec, remindAt, snoozed, status],
      );
    }
  }
}

const FUNCTIONS = {
  'task.created': 'onTaskCreated',
  'task.updated': 'onTaskUpdated',
  'task.completed': 'onTaskCompleted',
  'task.deleted': 'onTaskDeleted',
  'reminder.due': 'onReminderDue',
} as const;

function eventOf(kind: Sent['kind'], before: Task, task: Task) {
  if (kind === 'complete') return taskCompleted(USER, task);
  return kind === 'delete' ? taskDeleted(USER, task) : taskUpdated(USER, before, task);
}
