import { randomBytes, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { channelsOf, deliveryDue } from '../../infra/testing/channels.ts';
import { type Receiver, respondWith, startReceiver } from '../../infra/testing/receiver.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import { claimDelivery } from '../../shared/store/deliveryAttempts.ts';
import completeTask from '../completeTask/completeTask.ts';
import deleteTask from '../deleteTask/deleteTask.ts';
import deleteWebhook from '../deleteWebhook/deleteWebhook.ts';
import rotateWebhookSecret from '../rotateWebhookSecret/rotateWebhookSecret.ts';
import updateTask from '../updateTask/updateTask.ts';
import updateWebhook from '../updateWebhook/updateWebhook.ts';
import onDeliveryDue from './onDeliveryDue.ts';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;

let platform: TestPlatform;
let channels: ReturnType<typeof channelsOf>;
let receiver: Receiver;
let start: Date;
beforeAll(async () => {
  platform = await testPlatform();
  channels = channelsOf(platform);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], logged: [], emails: [], environment: {} });
  // Reminders count back from wall times, which have whole seconds.
  start = new Date(Math.ceil(Date.now() / SECOND) * SECOND);
  Object.assign(platform, { emailOutcome: undefined, now: start });
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const later = (ms: number) => new Date((platform.now ?? start).getTime() + ms);
const notifications = () => platform.database.query('select kind, task_id, message from notifications order by kind');
const webhooks = () =>
  platform.database.query('select disabled_because, failing_since is not null as failing from webhooks');

test('a reminder is posted to the webhook, signed, and recorded as delivered', async () => {
  const { id: webhookId, secret } = await channels.createWebhook({ url: receiver.url });
  const task = await channels.remind();
  await channels.send();

  const [{ headers, body, path } = { headers: {}, body: '', path: '' }] = receiver.received;
  expect([receiver.received.length, path]).toEqual([1, '/hook']);
  const payload = new Verifier(secret).verify(body, headers) as { data: object };
  expect(payload).toMatchObject({
    type: 'reminder.due',
    timestamp: expect.stringMatching(/Z$/),
    data: { task_id: task.id, message: 'Reminder: Call Ann', title: 'Call Ann', due_at: null },
  });
  expect(await channels.deliveries()).toMatchObject([
    {
      ...{ id: headers['webhook-id'], kind: 'reminder.due', channel: 'webhook', target: webhookId, taskId: task.id },
      ...{ status: 'delivered', attempts: 1, responseStatus: 204, lastError: null, nextAttemptAt: null },
      deliveredAt: expect.any(String),
    },
  ]);
  expect(await notifications()).toMatchObject([{ kind: 'reminder.due' }]);
});

test('a slow webhook delays neither the answer to its event, nor the inbox, nor what others are sent', async () => {
  const slow = await startReceiver();
  const waiting: ServerResponse[] = [];
  slow.answer = (response) => void waiting.push(response);
  await channels.createWebhook({ url: slow.url });
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  await channels.remind({ title: 'Call Bob' });
  expect(await notifications()).toHaveLength(2);

  const app = platform.app(onDeliveryDue);
  for (const event of channels.taken('delivery.due')) expect((await app.deliverOnly(event)).status).toBe(200);
  await vi.waitFor(() => expect([receiver.received.length, waiting.length]).toEqual([2, 2]));
  const states = async () => (await channels.deliveries()).map(({ status }) => status).sort();
  await vi.waitFor(async () => expect(await states()).toEqual(['delivered', 'delivered', 'pending', 'pending']));

  for (const response of waiting) response.writeHead(200).end();
  await app.settled();
  expect(await states()).toEqual(Array(4).fill('delivered'));
  await slow.close();
});

// johnpooch/diplicity-react#1281: a retry sent anew what was sent already.
test('many senders at once send once', async () => {
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  const [due] = channels.taken('delivery.due');
  const id = due?.data.delivery_id ?? '';
  const apps = Array.from({ length: 4 }, () => platform.app(onDeliveryDue));
  await Promise.all(apps.flatMap((app) => [app.deliver(deliveryDue(id)), app.deliver(deliveryDue(id))]));
  expect(receiver.received).toHaveLength(1);
  expect(await channels.deliveries()).toMatchObject([{ status: 'delivered', attempts: 1 }]);
});

test('a sender that dies between claim and send leaves the delivery to the next, with the same id', async () => {
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  const [due] = channels.taken('delivery.due');
  const id = due?.data.delivery_id ?? '';
  const sql = connect(platform.database);
  await runAs(sql, { userId: 'alice' })(claimDelivery(sql, 'alice', { id }, start));

  platform.now = later(59 * SECOND);
  expect(await channels.sweep()).toBe(0);
  await platform.app(onDeliveryDue).deliver(deliveryDue(id));
  expect(receiver.received).toEqual([]);
  platform.now = later(2 * SECOND);
  expect(await channels.sweep()).toBe(1);
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([id]);
  expect(await channels.deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }]);
});

test('what a process has no time for any more is put off for ten seconds, and has a wake-up for then', async () => {
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  const [due] = channels.taken('delivery.due');
  platform.jobs.clear();
  const app = platform.app(onDeliveryDue);
  app.stop();
  await app.deliver(deliveryDue(due?.data.delivery_id ?? ''));
  expect(receiver.received).toEqual([]);
  expect(await channels.deliveries()).toMatchObject([
    { status: 'pending', attempts: 0, nextAttemptAt: later(10 * SECOND).toISOString() },
  ]);
  expect(platform.jobs.get('wake-up')).toMatchObject({ due: 10 * SECOND });
});

test('what fails is tried again with growing waits, with one id, for three days, and then no more', async () => {
  receiver.answer = respondWith(503);
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  await channels.send();
  const waits: number[] = [];
  for (;;) {
    const [delivery] = await channels.deliveries();
    if (!delivery?.nextAttemptAt) break;
    expect(delivery).toMatchObject({ status: 'pending', responseStatus: 503, lastError: 'It answered 503.' });
    const next = Date.parse(delivery.nextAttemptAt);
    waits.push((next - (platform.now ?? start).getTime()) / SECOND);
    platform.now = new Date(next - 1);
    expect(await channels.sweep()).toBe(0);
    platform.now = new Date(next);
    expect(await channels.sweep()).toBe(1);
  }
  const expected = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
  expect(waits.map((wait, index) => wait / (expected[index] ?? 0))).toEqual(
    expected.map(() => expect.toSatisfy((factor: number) => factor >= 1 && factor <= 1.2)),
  );
  expect(await channels.deliveries()).toMatchObject([{ status: 'failed', attempts: 10, deliveredAt: null }]);
  expect(receiver.received).toHaveLength(10);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(10);
});

test('a receiver that comes back gets what it missed, and is failing no longer', async () => {
  receiver.answer = (response) => response.destroy();
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  await channels.send();
  expect(await webhooks()).toEqual([{ disabled_because: null, failing: true }]);
  expect(await channels.deliveries()).toMatchObject([
    { status: 'pending', responseStatus: null, lastError: 'The connection was closed without an answer.' },
  ]);
  receiver.answer = respondWith(200);
  platform.now = later(10 * SECOND);
  await channels.sweep();
  expect(await webhooks()).toEqual([{ disabled_because: null, failing: false }]);
  expect(await channels.deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }]);
});

describe('a webhook is disabled, its user told once, and what waits for it given up', () => {
  const disabled = async (reason: string) => {
    expect(await webhooks()).toEqual([{ disabled_because: reason, failing: true }]);
    const [told, ...others] = (await notifications()).filter(({ kind }) => kind === 'webhook.disabled');
    expect([told?.task_id, others]).toEqual([null, []]);
    expect(told?.message).toContain(receiver.url);
    expect(await channels.deliveries('alice', '?status=pending')).toEqual([]);
  };

  test('where it says that it is gone, at once', async () => {
    receiver.answer = respondWith(410);
    await channels.createWebhook({ url: receiver.url });
    await channels.remind();
    const quietly = channels.taken('delivery.due').length;
    await channels.remind({ title: 'Call Bob' });
    expect([quietly, await channels.send()]).toEqual([1, 1]);
    await disabled('gone');
    expect(receiver.received).toHaveLength(1);
    const ended = (await channels.deliveries()).map(({ status, lastError }) => [status, lastError]);
    expect(ended.sort()).toEqual([
      ['failed', 'It answered 410.'],
      ['failed', 'The webhook is disabled.'],
    ]);
  });

  test('where it has taken nothing for five days', async () => {
    receiver.answer = respondWith(500);
    await channels.createWebhook({ url: receiver.url });
    await channels.remind();
    await channels.send();
    platform.now = later(5 * DAY - 1);
    await channels.sweep();
    expect(await webhooks()).toEqual([{ disabled_because: null, failing: true }]);
    platform.now = later(1);
    await channels.remind({ title: 'Call Bob' });
    await channels.send();
    await disabled('failing');
  });

  test('and it is sent nothing more until it is enabled again', async () => {
    receiver.answer = respondWith(410);
    const { id } = await channels.createWebhook({ url: receiver.url });
    await channels.remind();
    await channels.send();
    receiver.answer = respondWith(204);
    await channels.remind({ title: 'Call Bob' });
    expect(await channels.send()).toBe(0);
    await platform.app(updateWebhook).call('alice', `/webhooks/${id}`, { enabled: true });
    expect(await webhooks()).toEqual([{ disabled_because: null, failing: false }]);
    await channels.remind({ title: 'Call Eve' });
    await channels.send();
    expect(receiver.received).toHaveLength(2);
  });
});

describe('looked at again at the moment of sending, a reminder is cancelled', () => {
  const title = 'Call Ann';
  const inADay = () => later(DAY).toISOString().slice(0, 19);
  const due = () => ({ dateTime: inADay(), timeZone: 'UTC' });
  const relative = () => ({ due: due(), reminders: [{ before: 'P1D' }] });

  test.each<[string, () => object, (task: Task) => Promise<unknown>]>([
    [
      'of a task that is done',
      () => ({}),
      ({ id }) => platform.app(completeTask).call('alice', `/tasks/${id}/complete`),
    ],
    ['of a task that is deleted', () => ({}), ({ id }) => platform.app(deleteTask).call('alice', `/tasks/${id}`)],
    [
      'whose due time has moved',
      relative,
      ({ id }) =>
        platform.app(updateTask).call('alice', `/tasks/${id}`, { due: { date: '2099-01-01', timeZone: 'UTC' } }),
    ],
    [
      'that the task no longer has',
      () => ({}),
      ({ id }) => platform.app(updateTask).call('alice', `/tasks/${id}`, { reminders: [] }),
    ],
  ])('%s', async (_what, fields, change) => {
    await channels.createWebhook({ url: receiver.url });
    const task = await channels.remind({ title, ...fields() });
    expect(await channels.deliveries()).toMatchObject([{ status: 'pending' }]);
    await change(task);
    await channels.send();
    expect(receiver.received).toEqual([]);
    expect(await channels.deliveries()).toMatchObject([{ status: 'cancelled', attempts: 0, nextAttemptAt: null }]);
  });

  test('but not for a change that does not concern it', async () => {
    await channels.createWebhook({ url: receiver.url });
    const task = await channels.remind();
    await platform.app(updateTask).call('alice', `/tasks/${task.id}`, { title: 'Call Ann today' });
    await channels.send();
    expect(receiver.received).toHaveLength(1);
  });
});

test('what is on its way to a webhook that was deleted is cancelled', async () => {
  const { id } = await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  await platform.app(deleteWebhook).call('alice', `/webhooks/${id}`);
  await channels.send();
  expect(receiver.received).toEqual([]);
  expect(await channels.deliveries()).toMatchObject([{ status: 'cancelled', lastError: 'The webhook was deleted.' }]);
});

test('a burst goes to one target a few at a time, and goes on without events of its own', async () => {
  let underWay = 0;
  let most = 0;
  receiver.answer = (response) => {
    underWay += 1;
    most = Math.max(most, underWay);
    setTimeout(() => {
      underWay -= 1;
      response.writeHead(204).end();
    }, 20);
  };
  await channels.createWebhook({ url: receiver.url, kinds: ['reminder.due'] });
  const burst = 30;
  for (let task = 0; task < burst; task += 1) await channels.remind({ title: `task ${task}` });
  const events = channels.taken('delivery.due');
  expect(events).toHaveLength(burst);
  const app = platform.app(onDeliveryDue);
  await Promise.all(events.slice(0, 6).map((event) => app.deliver(event)));
  expect(receiver.received).toHaveLength(burst);
  expect(most).toBeLessThanOrEqual(6);
});

test('told to stop, a process ends what it sends and begins nothing new', async () => {
  const waiting: ServerResponse[] = [];
  receiver.answer = (response) => void waiting.push(response);
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  await channels.remind({ title: 'Call Bob' });
  const app = platform.app(onDeliveryDue);
  const [first] = channels.taken('delivery.due');
  await app.deliverOnly(first as never);
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  app.stop();
  waiting[0]?.writeHead(204).end();
  await app.settled();
  expect((await channels.deliveries()).map(({ status }) => status).sort()).toEqual(['delivered', 'pending']);
  platform.now = later(121 * SECOND);
  receiver.answer = respondWith(204);
  await channels.sweep();
  expect((await channels.deliveries()).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
});

test('while a secret is rotated, receivers with the old one and with the new one are satisfied, for a day', async () => {
  const { id, secret: old } = await channels.createWebhook({ url: receiver.url });
  const { body } = await platform
    .app(rotateWebhookSecret)
    .call<{ secret: string }>('alice', `/webhooks/${id}/rotate-secret`);
  expect(body.secret).not.toBe(old);
  await channels.remind();
  await channels.send();
  platform.now = later(DAY);
  await channels.remind({ title: 'Call Bob' });
  await channels.send();

  const [during, behind] = receiver.received.map(({ headers }) => headers['webhook-signature']?.split(' ').length);
  expect([during, behind]).toEqual([2, 1]);
  const [{ body: payload, headers } = { body: '', headers: {} }] = receiver.received;
  for (const secret of [old, body.secret]) expect(() => new Verifier(secret).verify(payload, headers)).not.toThrow();
});

test('a secret that can no longer be read is told of, and nothing is sent unsigned', async () => {
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  platform.environment = { WEBHOOK_SECRETS_KEY: randomBytes(32).toString('base64') };
  await channels.send();
  expect(receiver.received).toEqual([]);
  expect(await channels.deliveries()).toMatchObject([
    { status: 'pending', lastError: 'Its secret cannot be read: rotate it.' },
  ]);
});

test('without leave for private addresses nothing is sent there', async () => {
  await channels.createWebhook({ url: receiver.url });
  await channels.createWebhook({ url: receiver.url.replace('http:', 'https:') });
  await channels.remind();
  platform.environment = { WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'false' };
  await channels.send();
  expect(await receiver.connections()).toBe(0);
  expect((await channels.deliveries()).map(({ lastError }) => lastError).sort()).toEqual([
    'Not https://.',
    'The host has an address that is not public.',
  ]);
});

describe('by e-mail', () => {
  test('a reminder goes to the confirmed address', async () => {
    await channels.confirmedEmail('ann@example.org');
    await channels.remind();
    await channels.send();
    expect(platform.emails).toMatchObject([
      { to: 'ann@example.org', subject: 'Reminder: Call Ann', text: expect.stringContaining('Reminder: Call Ann') },
    ]);
    expect(await channels.deliveries()).toMatchObject([
      { channel: 'email', target: 'ann@example.org', status: 'delivered', responseStatus: null },
    ]);
  });

  test('a code goes to a new address, confirms it, and stands nowhere in the database', async () => {
    await channels.prefer({ email: { address: 'ann@example.org' } });
    await channels.send();
    expect(platform.emails).toMatchObject([{ to: 'ann@example.org', subject: expect.stringContaining('code') }]);
    const code = /Your code is (\S+)/.exec(platform.emails[0]?.text ?? '')?.[1] ?? '';
    const tables = ['deliveries', 'outbox', 'email_codes', 'preferences'];
    for (const table of tables) {
      const rows = await platform.database.query(`select from ${table} t where t::text ilike $1`, [`%${code}%`]);
      expect(rows).toEqual([]);
    }
    const { default: confirmEmail } = await import('../confirmEmail/confirmEmail.ts');
    const { status } = await platform.app(confirmEmail).call('alice', '/preferences/email/confirm', { code });
    expect(status).toBe(200);
  });

  test('nothing but the code goes to an address before it is confirmed', async () => {
    await channels.prefer({ email: { address: 'ann@example.org' } });
    await channels.remind();
    await channels.send();
    expect(platform.emails).toHaveLength(1);
    expect(await channels.deliveries()).toMatchObject([{ kind: 'email.confirmation' }]);
  });

  test('what is on its way to an address that the user no longer has is cancelled', async () => {
    await channels.confirmedEmail('ann@example.org');
    await channels.remind();
    const reminder = channels.taken('delivery.due');
    await channels.prefer({ email: { address: 'ann@example.com' } });
    channels.taken('delivery.due');
    for (const event of reminder) await platform.app(onDeliveryDue).deliver(event);
    expect(platform.emails).toEqual([]);
    expect(await channels.deliveries('alice', '?status=cancelled')).toHaveLength(1);
  });

  test('what the mail server refuses has failed, what could not be sent is tried again', async () => {
    await channels.confirmedEmail('ann@example.org');
    platform.emailOutcome = () => ({ outcome: 'failed', reason: 'the sidecar is away' });
    await channels.remind();
    await channels.send();
    expect(await channels.deliveries()).toMatchObject([
      { status: 'pending', lastError: 'The mail could not be sent.' },
    ]);
    platform.emailOutcome = () => ({ outcome: 'refused', reason: 'no such mailbox: ann@example.org' });
    platform.now = later(10 * SECOND);
    await channels.sweep();
    expect(await channels.deliveries()).toMatchObject([{ status: 'failed', attempts: 2, nextAttemptAt: null }]);
    expect(platform.emails).toHaveLength(2);
  });

  test('more codes in a day than there may be are not sent', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      platform.now = later(SECOND);
      await channels.prefer({ email: { address: `${name}@example.org` } });
      await channels.send();
    }
    expect(platform.emails).toHaveLength(5);
    const [last] = await channels.deliveries();
    expect(last).toMatchObject({ target: 'f@example.org', status: 'failed' });
  });
});

test('another user’s delivery is not theirs to send, and one that never was is handled', async () => {
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  const [due] = channels.taken('delivery.due');
  const app = platform.app(onDeliveryDue);
  expect((await app.deliver(deliveryDue(due?.data.delivery_id ?? '', 'bob'))).status).toBe(200);
  expect((await app.deliver(deliveryDue(randomUUID()))).status).toBe(200);
  expect(receiver.received).toEqual([]);
  expect(await channels.deliveries()).toMatchObject([{ status: 'pending', attempts: 0 }]);
});

test('no secret and no payload is logged', async () => {
  receiver.answer = respondWith(500);
  const { secret } = await channels.createWebhook({ url: `${receiver.url}?token=hidden` });
  await channels.remind({ title: 'Call Ann' });
  await channels.send();
  expect(platform.logged).toContainEqual(expect.objectContaining({ outcome: 'undelivered', responseStatus: 500 }));
  const logged = JSON.stringify(platform.logged);
  expect([secret.slice(6, 20), 'Call Ann', 'hidden'].filter((word) => logged.includes(word))).toEqual([]);
});

test('only the sidecar may deliver', async () => {
  const response = await platform.app(onDeliveryDue).request('/events/delivery-due', { method: 'POST', body: '{}' });
  expect(response.status).toBe(401);
});
