import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { testStore } from '../../infra/testing/testStore.ts';
import type { CloudEvent } from '../events/event.ts';
import type { Publisher } from '../events/publisher.ts';
import { claimEvents, insertEvents, type NewEvent, toOutboxEvent } from '../store/outbox.ts';
import { createRelay } from './relay.ts';

const { database, sql, run } = await testStore();
afterAll(() => database.close());
beforeEach(() => database.reset());

const now = new Date();
const later = (ms: number) => new Date(now.getTime() + ms);
const completed = (taskId: string, title: string): NewEvent => ({
  type: 'task.deleted',
  userId: 'alice',
  taskId,
  data: taskSnapshot({ title }),
});
const titleOf = ({ data }: CloudEvent) => (data.data as { title: string }).title;
const unpublished = () =>
  database.query(`select data->>'title' as title from outbox where published_at is null order by seq`);

/** What a sweep would take so many milliseconds from now. */
async function claimable(ms: number) {
  const [rows] = await run(claimEvents(sql, later(ms), 1));
  return rows;
}

async function write(...events: NewEvent[]) {
  const [rows = []] = await run(insertEvents(sql, events, { origin: { source: '/test' }, now }));
  return rows.map(toOutboxEvent);
}

/** A relay in front of a broker that refuses what `refuses` says, the requests that it made, and what ends its waits. */
function relayTo(refuses: (event: CloudEvent) => boolean = () => false, clock = () => now) {
  const requests: string[][] = [];
  const wakeUps: (Date | undefined)[] = [];
  const lingering: (() => void)[] = [];
  const send = async (events: readonly CloudEvent[]) => {
    requests.push(events.map(titleOf));
    return new Map(events.filter(refuses).map((event) => [event, new Error('refused')]));
  };
  const publisher: Publisher = {
    publishBulk: send,
    async publish(event) {
      if ((await send([event])).size > 0) throw new Error('refused');
    },
  };
  return {
    requests,
    wakeUps,
    lingering,
    relay: createRelay({
      sql,
      run,
      publisher,
      clock,
      log: () => {},
      measure: () => {},
      company: () => new Promise((resolve) => lingering.push(resolve)),
      wakeUp: async ({ due }) => void wakeUps.push(due),
    }),
  };
}

test('events of different tasks go in one request, those of one task one after the other', async () => {
  const [a, b] = [randomUUID(), randomUUID()];
  const events = await write(completed(a, 'a1'), completed(a, 'a2'), completed(b, 'b1'), completed(a, 'a3'));
  const { relay, requests } = relayTo();
  expect(await relay.publish(events)).toBe(4);
  expect(requests).toEqual([['a1', 'b1'], ['a2'], ['a3']]);
  expect(await unpublished()).toEqual([]);
});

test('one that fails holds up those behind it, and no other task’s', async () => {
  const [a, b] = [randomUUID(), randomUUID()];
  const events = await write(completed(a, 'a1'), completed(b, 'b1'), completed(a, 'a2'), completed(b, 'b2'));
  const { relay, requests } = relayTo((event) => titleOf(event) === 'a1');
  expect(await relay.publish(events)).toBe(2);
  expect(requests).toEqual([['a1', 'b1'], ['b2']]);
  expect(await unpublished()).toEqual([{ title: 'a1' }, { title: 'a2' }]);
});

test('what was written behind an event meanwhile, and left alone, follows it', async () => {
  const a = randomUUID();
  const first = await write(completed(a, 'a1'));
  await write(completed(a, 'a2'));
  const { relay, requests } = relayTo();
  expect(await relay.publish(first)).toBe(2);
  expect(requests).toEqual([['a1'], ['a2']]);
});

test('a request is bounded, in events and in size', async () => {
  const many = await write(...Array.from({ length: 1_001 }, (_, n) => completed(randomUUID(), `${n}`)));
  const bounded = relayTo();
  expect(await bounded.relay.publish(many)).toBe(1_001);
  expect(bounded.requests.map(({ length }) => length)).toEqual([500, 500, 1]);

  const large = await write(...Array.from({ length: 5 }, () => completed(randomUUID(), 'x'.repeat(400_000))));
  const light = relayTo();
  expect(await light.relay.publish(large)).toBe(5);
  expect(light.requests.map(({ length }) => length)).toEqual([2, 2, 1]);
});

test('with the broker away nothing is lost and nothing is marked', async () => {
  const events = await write(completed(randomUUID(), 'a'), completed(randomUUID(), 'b'));
  expect(await relayTo(() => true).relay.publish(events)).toBe(0);
  expect(await unpublished()).toHaveLength(2);
});

test('one that failed is tried again soon, and later with each failure, but within half a minute', async () => {
  const event = await write(completed(randomUUID(), 'a'));
  const { relay } = relayTo(() => true);
  await relay.publish(event);
  expect(await claimable(999)).toEqual([]);
  expect(await claimable(1_000)).toHaveLength(1);

  await relay.publish(event);
  expect(await claimable(1_999)).toEqual([]);
  expect(await claimable(2_000)).toHaveLength(1);

  await database.query('update outbox set attempts = 1000000');
  await relay.publish(event);
  expect(await claimable(29_999)).toEqual([]);
  expect(await claimable(30_000)).toHaveLength(1);
});

test('what fails has a wake-up for its next try, and what goes out has none', async () => {
  const events = await write(completed(randomUUID(), 'a'), completed(randomUUID(), 'b'));
  const { relay, wakeUps } = relayTo((event) => titleOf(event) === 'a');
  await relay.publish(events);
  expect(wakeUps).toEqual([later(1_000)]);
  const sound = relayTo();
  await sound.relay.publish(await write(completed(randomUUID(), 'c')));
  expect(sound.wakeUps).toEqual([]);
});

test('what others left is taken along, first by whoever publishes for the first time, and then every ten seconds', async () => {
  let time = later(4_999);
  const { relay, requests } = relayTo(undefined, () => time);
  await write(completed(randomUUID(), 'left'));
  await relay.publish(await write(completed(randomUUID(), 'a')));
  expect(requests).toEqual([['a']]);
  time = later(14_998);
  await relay.publish(await write(completed(randomUUID(), 'b')));
  expect(requests).toEqual([['a'], ['b']]);
  time = later(14_999);
  await relay.publish(await write(completed(randomUUID(), 'c')));
  expect(requests).toEqual([['a'], ['b'], ['c'], ['left']]);
  expect(await unpublished()).toEqual([]);

  await write(completed(randomUUID(), 'left again'));
  const another = relayTo(undefined, () => later(5_000));
  await another.relay.publish(await write(completed(randomUUID(), 'd')));
  expect(another.requests).toEqual([['d'], ['left again']]);
});

test('of what others left, at most a hundred events are taken along at once', async () => {
  await write(...Array.from({ length: 101 }, (_, n) => completed(randomUUID(), `${n}`)));
  const { relay } = relayTo(undefined, () => later(5_000));
  expect(await relay.publish(await write(completed(randomUUID(), 'a')))).toBe(101);
  expect(await unpublished()).toEqual([{ title: '100' }]);
});

test('a task that another relay is at work on is left to it', async () => {
  const a = randomUUID();
  await write(completed(a, 'a1'));
  const { relay, requests } = relayTo();
  expect(await relay.follow([a])).toBe(0);
  expect(requests).toEqual([]);
});

describe('what nobody waits for', () => {
  const unawaited = { awaited: false };

  test('is published at once, and recorded with what others publish in a moment', async () => {
    const { relay, requests, lingering } = relayTo();
    const first = relay.publish(await write(completed(randomUUID(), 'a')), unawaited);
    const second = relay.publish(await write(completed(randomUUID(), 'b')), unawaited);
    await vi.waitFor(() => expect([requests, lingering]).toMatchObject([[['a'], ['b']], [expect.any(Function)]]));
    expect(await unpublished()).toHaveLength(2);
    lingering[0]?.();
    expect(await Promise.all([first, second])).toEqual([1, 1]);
    expect(await unpublished()).toEqual([]);
  });

  test('goes in one request while another is under way', async () => {
    const { relay, requests, lingering } = relayTo();
    const events = await write(...['a', 'b', 'c', 'd'].map((title) => completed(randomUUID(), title)));
    const published = events.map((event) => relay.publish([event], unawaited));
    await vi.waitFor(() => expect(lingering).toHaveLength(1));
    lingering[0]?.();
    expect(await Promise.all(published)).toEqual([1, 1, 1, 1]);
    expect(requests).toEqual([['a', 'b', 'c', 'd']]);
    expect(await unpublished()).toEqual([]);
  });

  test('fails by itself, though it shares a request', async () => {
    const { relay, lingering } = relayTo((event) => titleOf(event) === 'b');
    const events = await write(...['a', 'b', 'c'].map((title) => completed(randomUUID(), title)));
    const published = events.map((event) => relay.publish([event], unawaited));
    await vi.waitFor(() => expect(lingering).toHaveLength(1));
    lingering[0]?.();
    expect(await Promise.all(published)).toEqual([1, 0, 1]);
    expect(await unpublished()).toEqual([{ title: 'b' }]);
  });

  test('is recorded with what somebody waits for', async () => {
    const { relay, lingering } = relayTo();
    const patient = relay.publish(await write(completed(randomUUID(), 'a')), unawaited);
    await vi.waitFor(() => expect(lingering).toHaveLength(1));
    await relay.publish(await write(completed(randomUUID(), 'b')));
    await patient;
    expect(await unpublished()).toEqual([]);
  });

  test('holds up nothing of the same task that is known, and else for one wait', async () => {
    const { relay, requests, lingering } = relayTo();
    const a = randomUUID();
    const known = await write(completed(a, 'a1'), completed(a, 'a2'));
    const published = relay.publish(known, unawaited);
    await vi.waitFor(() => expect(lingering).toHaveLength(1));
    expect(requests).toEqual([['a1'], ['a2']]);
    await write(completed(a, 'a3'), completed(a, 'a4'));
    lingering[0]?.();
    expect(await published).toBe(4);
    expect(requests).toEqual([['a1'], ['a2'], ['a3'], ['a4']]);
    expect(lingering).toHaveLength(1);
  });
});
