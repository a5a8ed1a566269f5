import type { TestDatabase } from '../testing/database.ts';
import type { AnsweredWrite, Ledger } from './ledger.ts';
import { SCRIPTED } from './soundScript.ts';

/** What breaks a promise about a script or its client: the promise, what is planted, and how. */
export type Violation = [promise: string, what: string, plant: (where: Where) => unknown];

interface Where extends Pick<TestDatabase, 'query'> {
  ledger: Ledger;
}

const sql =
  (text: string, ...params: unknown[]) =>
  async ({ query }: Where) =>
    void (await query(text, params));
const ofScript = (statement: string) => sql(statement, SCRIPTED);

/** Statements about the events of the script by type. */
const lose = (type: string) => ofScript(`delete from outbox where task_id = $1 and event_type = '${type}'`);
const retell = (type: string, field: string, json: string) =>
  ofScript(
    `update outbox set data = jsonb_set(data, '{${field}}', '${json}') where task_id = $1 and event_type = '${type}'`,
  );
const repeat = (type: string) =>
  ofScript(
    `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at, published_at)
     select gen_random_uuid(), event_type, source, user_id, task_id, data, occurred_at, next_attempt_at, published_at
     from outbox where task_id = $1 and event_type = '${type}'`,
  );

/** Changes what the client was told when it sent its writes of a kind. */
const answer =
  (kind: AnsweredWrite['sent']['kind'], change: (write: AnsweredWrite) => unknown) =>
  ({ ledger }: Where) => {
    const writes = ledger.scripts[0]?.writes.filter(({ sent }) => sent.kind === kind) ?? [];
    if (writes.length === 0) throw new Error(`the script has no ${kind}`);
    for (const write of writes) change(write);
  };

/** Forgets what was written from the first write of a kind on: the task is left as it was before. */
const endBefore =
  (kind: AnsweredWrite['sent']['kind']) =>
  ({ ledger }: Where) => {
    const writes = ledger.scripts[0]?.writes ?? [];
    writes.splice(writes.findIndex(({ sent }) => sent.kind === kind));
  };
const then =
  (...plants: ((where: Where) => unknown)[]) =>
  async (where: Where) => {
    for (const plant of plants) await plant(where);
  };

/** Lets a reminder of an instant be handled and shown at another second of that minute. */
const handleLate = (remindAt: string, second: number) =>
  sql(
    `with late as (
       update inbox i set processed_at = $3 from outbox o
       where o.event_id = i.event_id and o.task_id = $1 and (o.data ->> 'remind_at')::timestamptz = $2
       returning o.task_id
     )
     update notifications set created_at = $3 where task_id = (select task_id from late) and kind = 'reminder.due'`,
    SCRIPTED,
    remindAt,
    `2026-03-01T09:00:${second}Z`,
  );

const [EVENTS, CONTENTS, ANSWERS, TIMES, STATE, SHOWN] = [
  'Every write of a script that changed',
  'The events of a script tell',
  'Every answer to a script',
  'Reminders of a script were sent once',
  'Every task of a script is in the end',
  'Reminders of a script are shown where',
] as const;

export const scriptViolations: Violation[] = [
  [ANSWERS, 'it was made on another version', answer('reopen', (write) => Object.assign(write, { ifMatch: 1 }))],
  [
    ANSWERS,
    'the last version was refused',
    answer('delete', (write) => Object.assign(write, { ifMatch: 6, status: 412 })),
  ],
  [EVENTS, 'its creation has no event', lose('task.created')],
  [EVENTS, 'a change has no event', lose('task.updated')],
  [EVENTS, 'its deletion has no event', lose('task.deleted')],
  [EVENTS, 'its completion has two', repeat('task.completed')],
  [EVENTS, 'a version is left out', retell('task.deleted', 'version', '9')],
  [EVENTS, 'an event is of a write that was never acknowledged', endBefore('delete')],
  [CONTENTS, 'another title', retell('task.completed', 'title', '"x"')],
  [CONTENTS, 'nothing that changed', retell('task.updated', 'changed', '[]')],
  [CONTENTS, 'another task before', retell('task.updated', 'previous', 'null')],
  [
    ANSWERS,
    'a field is not what was written',
    answer('update', ({ task }) => task && Object.assign(task, { title: 'x' })),
  ],
  [
    ANSWERS,
    'a write of a task that is there finds nothing',
    answer('reopen', (write) => Object.assign(write, { status: 404, task: undefined })),
  ],
  [ANSWERS, 'a write of a deleted task finds it', answer('complete', (write) => Object.assign(write, { status: 200 }))],
  [ANSWERS, 'a version is left out', answer('delete', ({ task }) => task && Object.assign(task, { version: 9 }))],
  [
    ANSWERS,
    'it was made before it was sent',
    answer('complete', (write) => Object.assign(write, { sentAt: write.acknowledgedAt })),
  ],
  [
    TIMES,
    'one was sent early',
    ofScript(
      `update outbox set occurred_at = occurred_at - interval '2 s' where task_id = $1 and event_type = 'reminder.due'`,
    ),
  ],
  [
    TIMES,
    'one was sent for the time before the move',
    retell('reminder.due', 'remind_at', '"2026-03-01T09:00:35.000Z"'),
  ],
  [TIMES, 'one was sent twice', repeat('reminder.due')],
  [TIMES, 'one is of another task', retell('reminder.due', 'reminder_id', '"00000000-0000-4000-8000-000000000060"')],
  [STATE, 'the task is lost', ofScript('delete from tasks where id = $1')],
  [STATE, 'a title is the one before', ofScript(`update tasks set title = 'script' where id = $1`)],
  [STATE, 'it is completed', ofScript(`update tasks set status = 'completed', completed_at = now() where id = $1`)],
  [STATE, 'it is deleted', ofScript('update tasks set deleted_at = now() where id = $1')],
  [STATE, 'it is due at another time', ofScript(`update tasks set due_at = due_at + interval '1 s' where id = $1`)],
  [STATE, 'a write was done twice', ofScript('update tasks set version = version + 1 where id = $1')],
  [
    STATE,
    'a reminder is lost',
    ofScript('delete from reminders where id in (select id from reminders where task_id = $1 limit 1)'),
  ],
  [
    STATE,
    'a reminder was not brought back',
    ofScript(`update reminders set status = 'cancelled' where task_id = $1 and status = 'pending'`),
  ],
  [
    SHOWN,
    'one was not',
    then(endBefore('complete'), ofScript(`delete from notifications where task_id = $1 and kind = 'reminder.due'`)),
  ],
  [SHOWN, 'one was after the task was deleted', then(endBefore('restore'), handleLate('2026-03-01T09:00:45Z', 57))],
  [SHOWN, 'one was after it was moved', then(endBefore('complete'), handleLate('2026-03-01T09:00:35Z', 44))],
  ['Every committed change wrote its events', 'a script was not created', lose('task.created')],
  [
    'Every reminder came to its right end',
    'one of a script was forgotten',
    ofScript(`update reminders set status = 'pending' where task_id = $1`),
  ],
  [
    'Every reminder came to its right end',
    'one is pending though its task is deleted',
    ofScript('update tasks set deleted_at = now() where id = $1'),
  ],
];

export const clientViolations: Violation[] = [
  [
    'Every repeat of a request',
    'the answer was another',
    ({ ledger }) => Object.assign(ledger.repeats[0] ?? {}, { again: '201 {"id":2}' }),
  ],
  ['Every copy that follows', 'a task was skipped', ({ ledger }) => ledger.copies[0]?.tasks.pop()],
  [
    'Every copy that follows',
    'a change was skipped',
    ({ ledger }) => Object.assign(ledger.copies[0]?.tasks[0] ?? {}, { title: 'x' }),
  ],
  ['Every copy that follows', 'a deletion was skipped', ofScript('update tasks set deleted_at = now() where id = $1')],
  ['A notification is read', 'it is not', sql('update notifications set read_at = null')],
  ['A notification is read', 'it was read anew', sql(`update notifications set read_at = read_at + interval '1 ms'`)],
  ['A notification is read', 'nobody read it', ({ ledger }) => ledger.readings.pop()],
];
