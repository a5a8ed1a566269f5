import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Task } from '../../shared/domain/task.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import { loadFunctions } from '../functions.ts';
import { type TestPlatform, testPlatform } from '../testing/testApp.ts';

/*
 * No statement that a function sends reads a whole table, once tables are large, also where Postgres does not know yet that
 * they are: in the first minutes of a system, and always on the embedded one, which counts nothing. The statements are those that functions
 * sent when they were called; Postgres plans them over tables so large that an index is cheaper wherever one fits.
 */

/** Of each table; one in five hundred is of the user who is called. Nothing is old enough to be removed yet. */
const ROWS = 20_000;
const USER = 'whale';
const NOW = new Date('2026-11-28T12:00:00Z');
/** Lists as people look at them, and each of the orders. */
const lists = [
  '',
  'status=open&sort=due',
  'sort=due',
  'overdue=true',
  'dueBefore=2026-12-01T00:00:00Z',
  'sort=updated',
  'sort=title',
  'sort=priority',
  'tag=home',
  'search=milk',
];
/** What sends no statement of its own, or only what another one here sends as well. */
const NOT_CALLED = ['confirmEmail', 'getOpenApi', 'onDeadLetter', 'replayDeadLetter'];
/** What asks for no more rows of what is below it than are asked of it. */
const ORDER_KEEPING = ['LockRows', 'Nested Loop', 'Result', 'Subquery Scan'];
/** What counts everything that waits, for who watches the system. */
const COUNTING = /^select count\(\*\) as depth/;
const REMOVING = /^with purged as/;
/** What has one row. */
const SMALL = ['feed_horizon'];

interface Sent {
  query: string;
  params: (string | null | string[])[];
}

let platform: TestPlatform;
const called = new Set<string>();
const sent = new Map<string, Sent & { function: string }>();

beforeAll(async () => {
  platform = await testPlatform('memory');
  platform.now = NOW;
  await fill();
  await callFunctions();
}, 120_000);
afterAll(() => platform.close());

it('every function is called', async () => {
  const all = (await loadFunctions()).map(({ name }) => name);
  expect(all.filter((name) => !called.has(name))).toEqual(NOT_CALLED);
});

it.each([
  // What an hourly cron removes is a third of a table then, for all that Postgres knows.
  ['before Postgres has counted anything', '', [COUNTING, REMOVING]],
  ['once Postgres has counted everything', 'analyze', [COUNTING]],
])('no statement of a function reads a whole table %s', async (_, count, allowed) => {
  await platform.database.query(count);
  const found: string[] = [];
  for (const { query, params, function: name } of sent.values()) {
    if (allowed.some((pattern) => pattern.test(query.trim()))) continue;
    for (const scan of scansOf(await planOf(query, params))) {
      if (!SMALL.includes(scan)) found.push(`${name} reads all of ${scan}: ${query.trim().replace(/\s+/g, ' ')}`);
    }
  }
  expect(found).toEqual([]);
});

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: Plan[];
}

/** The tables and indexes that a plan reads as a whole: an index without a condition, unless no more than a page of it. */
function scansOf(plan: Plan, isLimited = false): string[] {
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index, 'Index Cond': condition } = plan;
  const own: string[] = [];
  if (type === 'Seq Scan') own.push(table ?? '');
  else if (index && !condition && !isLimited) own.push(index);
  const inside = type === 'Limit' || (isLimited && ORDER_KEEPING.includes(type));
  return [...own, ...(plan.Plans ?? []).flatMap((inner) => scansOf(inner, inside))];
}

async function planOf(query: string, params: Sent['params']): Promise<Plan> {
  return platform.database.session(async (session) => {
    const literals = params.map((param) => (param === null ? 'null' : `'${String(param).replaceAll("'", "''")}'`));
    await session.exec(`begin; set local plan_cache_mode = force_custom_plan; prepare sent as ${query}`);
    const execute = `execute sent${literals.length > 0 ? `(${literals})` : ''}`;
    const { rows } = await session.query(`explain (format json) ${execute}`);
    await session.exec('rollback; deallocate sent');
    const [row] = rows;
    return (JSON.parse(String(row?.['QUERY PLAN'])) as [{ Plan: Plan }])[0].Plan;
  });
}

/** Calls functions with what is theirs, and remembers each statement that they sent. */
async function callFunctions(): Promise<void> {
  const definitions = new Map((await loadFunctions()).map((definition) => [definition.name, definition]));
  let calling = '';
  const real = globalThis.fetch;
  const listening = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    if (String(input) === platform.database.fetchEndpoint) {
      const body = JSON.parse(String(init?.body)) as Sent | { queries: Sent[] };
      for (const { query, params } of 'queries' in body ? body.queries : [body]) {
        if (!query.includes("set_config('role'")) sent.set(query, { query, params, function: calling });
      }
    }
    return real(input, init);
  });
  const app = (name: string) => {
    const definition = definitions.get(name);
    if (!definition) throw new Error(`there is no function ${name}`);
    calling = name;
    called.add(name);
    return platform.app(definition, 'admin');
  };
  const call = async <Body>(name: string, path: string, body?: unknown, headers = {}): Promise<Body> => {
    const answer = await app(name).call<Body>(USER, path, body, headers);
    if (answer.status >= 400)
      throw new Error(`${name} answered ${answer.status} to ${path}`, { cause: platform.logged.at(-1)?.error });
    return answer.body;
  };
  const tick = async (name: string) => {
    const { status } = await app(name).tick();
    if (status !== 200) throw new Error(`${name} answered ${status}`);
  };

  const channels = { 'task.created': ['inbox', 'webhook'] };
  await call('updatePreferences', '/preferences', { timeZone: 'Europe/Berlin', channels });
  await call('getPreferences', '/preferences');
  const webhook = await call<{ id: string }>('createWebhook', '/webhooks', { url: 'http://127.0.0.1:9/' });
  await call('listWebhooks', '/webhooks');
  await call('getWebhook', `/webhooks/${webhook.id}`);
  await call('updateWebhook', `/webhooks/${webhook.id}`, { description: 'x' });
  await call('rotateWebhookSecret', `/webhooks/${webhook.id}/rotate-secret`);
  const address = await call<{ id: string; url: string }>('createCalendarAddress', '/calendar-addresses', {
    name: 'x',
  });
  await call('listCalendarAddresses', '/calendar-addresses');

  const due = { dateTime: '2026-12-01T09:00', timeZone: 'UTC' };
  const reminders = [{ at: '2026-11-28T12:00:30Z' }, { before: 'PT1H' }];
  const plain = await call<Task>('createTask', '/tasks', { title: 'a', due, reminders }, { 'idempotency-key': 'a' });
  await call('createTask', '/tasks', { title: 'b', due: { dateTime: '2026-12-01T09:00', floating: true } });
  await call('updatePreferences', '/preferences', { timeZone: 'America/New_York' });
  const recurring = await call<Task>('createTask', '/tasks', { title: 'c', due, recurrence: { rule: 'FREQ=DAILY' } });
  const task = `/tasks/${plain.id}`;
  await call('getTask', task);
  for (const query of [...lists, `seriesId=${recurring.seriesId}`]) {
    const { next } = await call<{ next: string | null }>('listTasks', `/tasks?limit=1&${query}`);
    if (next) await call('listTasks', `/tasks?limit=1&${query}&cursor=${next}`);
  }
  const { next } = await call<{ next: string }>('listChanges', '/changes');
  await call('listChanges', `/changes?since=${next}`);
  const { pathname, search } = new URL(address.url, 'http://localhost');
  expect((await app('getCalendar').request(pathname + search, {})).status).toBe(200);
  await call('deleteCalendarAddress', `/calendar-addresses/${address.id}`);

  platform.now = new Date('2026-11-28T12:01:00Z');
  await tick('reminderCron');
  expect((await app('wakeUp').comeDue()).status).toBe(200);
  await call('updateTask', task, { title: 'd' });
  const [first, second] = plain.reminders;
  await call('snoozeReminder', `${task}/reminders/${first?.id}/snooze`, { for: 'PT1H' });
  await call('dismissReminder', `${task}/reminders/${second?.id}/dismiss`);
  await call('completeTask', `${task}/complete`);
  await call('reopenTask', `${task}/reopen`);
  await call('deleteTask', task);
  await call('restoreTask', `${task}/restore`);

  const series = `/series/${recurring.seriesId}`;
  await call('listSeries', '/series');
  await call('getSeries', series);
  await call('updateSeries', series, { title: 'e' });
  await call('skipOccurrence', `${series}/skip`, { occurrence: '2026-12-02T09:00:00' });
  await call('pauseSeries', `${series}/pause`);
  await call('resumeSeries', `${series}/resume`);
  await call('completeTask', `/tasks/${recurring.id}/complete`);
  platform.now = new Date('2026-12-05T12:00:00Z');
  await tick('recurringCron');
  const after = await call<{ id: string }>('splitSeries', `${series}/split`, {
    from: '2026-12-20T09:00:00',
    title: 'f',
  });
  await call('endSeries', `/series/${after.id}/end`);

  // Handlers write events of their own, which then come to others.
  for (const envelope of platform.published) {
    const event = envelope.data as TaskEvent;
    const name = handlerOf(event.event_type);
    const { status } = await app(name).deliver(event);
    if (status !== 200) throw new Error(`${name} answered ${status}`);
  }
  const deliveries = await call<{ items: { id: string }[] }>('listDeliveries', '/deliveries');
  await call('getDelivery', `/deliveries/${deliveries.items[0]?.id}`);
  await call('redeliver', `/deliveries/${deliveries.items[0]?.id}/redeliver`);
  await tick('deliveryCron');
  await call('deleteWebhook', `/webhooks/${webhook.id}`);
  const { items } = await call<{ items: { id: string }[] }>('listNotifications', '/notifications');
  await call('readNotification', `/notifications/${items[0]?.id}/read`);
  await call('getStats', '/stats?timeZone=UTC');
  const deadLetters = await call<{ items: { id: string }[] }>('listDeadLetters', '/admin/dead-letters');
  await call('getDeadLetter', `/admin/dead-letters/${deadLetters.items[0]?.id}`);
  await tick('outboxCron');
  listening.mockRestore();
}

function handlerOf(type: string): string {
  const words = type.split('.').map((word) => word[0]?.toUpperCase() + word.slice(1));
  return `on${words.join('')}`;
}

/** Writes what a system that is used has, past every function, and lets Postgres count it. */
async function fill(): Promise<void> {
  const user = `case when i % 500 = 0 then '${USER}' else 'user-' || i end`;
  const at = `timestamptz '2026-12-05' + i * interval '1 second'`;
  const later = `timestamptz '2027-11-28' + i * interval '1 second'`;
  const from = `from generate_series(1, ${ROWS}) i`;
  await platform.database.query(`
    insert into series (id, user_id, template, rule, start_local, time_zone, overflow, gap, state, lead_ms, created_at)
    select gen_random_uuid(), ${user}, '{"title": "x", "description": null, "priority": "low", "tags": [], "reminders": []}', 'FREQ=DAILY', '2026-11-25', 'UTC', 'clamp', 'shift', 'ended', 0, ${at} ${from}`);
  await platform.database.query(`
    insert into tasks (id, user_id, title, priority, status, created_at, updated_at, completed_at, deleted_at)
    select gen_random_uuid(), ${user}, 'Task ' || i, 'medium', case when i % 8 < 2 then 'open' else 'completed' end, ${at}, ${at},
           case when i % 8 >= 2 then ${at} end, case when i % 100 = 99 then ${at} end ${from}`);
  await platform.database.query(`
    insert into reminders (id, task_id, user_id, spec, remind_at, status)
    select gen_random_uuid(), id, user_id, '{"before": "PT0S"}', created_at + interval '1 year', 'pending' from tasks`);
  await platform.database.query(`
    insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, attempts, next_attempt_at, published_at)
    select gen_random_uuid(), 'task.created', '/x', ${user}, gen_random_uuid(), '{}', ${at}, 1, ${later},
           case when i % 2 = 0 then ${at} end ${from}`);
  await platform.database.query(`
    insert into inbox (function, event_id, processed_at) select 'onTaskCreated', gen_random_uuid(), ${at} ${from}`);
  await platform.database.query(`
    insert into notifications (id, user_id, task_id, kind, message, created_at)
    select gen_random_uuid(), ${user}, gen_random_uuid(), 'task.created', 'x', ${at} ${from}`);
  await platform.database.query(`
    insert into deliveries (id, user_id, event_id, task_id, kind, channel, target, message, data, occurred_at, status,
                            next_attempt_at, created_at, delivered_at)
    select gen_random_uuid(), ${user}, gen_random_uuid(), gen_random_uuid(), 'task.created', 'email', 'x', 'x', '{}', ${at},
           case when i % 2 = 0 then 'delivered' else 'pending' end, case when i % 2 = 1 then ${later} end, ${at},
           case when i % 2 = 0 then ${at} end ${from}`);
  await platform.database.query(`
    insert into idempotency_keys (user_id, key, fingerprint, status, headers, body, created_at)
    select ${user}, 'key-' || i, '', 201, '{}', '', ${at} ${from}`);
  await platform.database.query(`
    insert into stats_slots (user_id, slot, created) select ${user}, ${at}, 1 ${from}`);
  await platform.database.query(`
    insert into preferences (user_id, channels, version, updated_at) select 'user-' || i, '{}', 1, ${at} ${from}`);
  await platform.database.query(`
    insert into webhooks (id, user_id, url, secret, version, created_at, updated_at)
    select gen_random_uuid(), 'user-' || i, 'https://example.com', '', 1, ${at}, ${at} ${from}`);
  await platform.database.query(`
    insert into event_failures (event_id, function, reason, last_failed_at) select i::text, 'onTaskCreated', 'x', ${at} ${from}`);
  await platform.database.query(`
    insert into dead_letters (id, topic, event_id, created_at, last_received_at) select gen_random_uuid(), 'x', i::text, ${at}, ${at} ${from}`);
  await platform.database.query(`
    insert into calendar_addresses (id, user_id, key_hash, created_at)
    select gen_random_uuid(), 'user-' || i, convert_to(i::text, 'UTF8'), ${at} ${from}`);
}
