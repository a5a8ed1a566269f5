import { expect, test } from 'vitest';
import type { EventType } from '../../shared/events/catalogue.ts';
import { type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import type { TestApp, TestPlatform } from './testApp.ts';

/** A function that counts events of one type in the statistics, as it is tested. */
export interface CountingFunction<T extends EventType> {
  type: T;
  platform(): TestPlatform;
  app(): TestApp;
  /** A new event that counts for something. */
  event(): TaskEvent<T>;
}

/** What is in the statistics, by quarter-hour of UTC. */
export function countedBy(platform: TestPlatform) {
  return platform.database.query(
    `select user_id, to_char(slot at time zone 'UTC', 'MM-DD HH24:MI') as slot, created, completed, late
     from stats_slots where (created, completed, late) <> (0, 0, 0) order by slot`,
  );
}

/** Tests what each of these functions promises, whatever its event counts for. */
export function testCounting<T extends EventType>({ type, platform, app, event }: CountingFunction<T>): void {
  test('an event that is delivered again has no effect, also when all its deliveries come at once', async () => {
    const delivered = event();
    const responses = await Promise.all(Array.from({ length: 5 }, () => app().deliver(delivered)));
    expect(responses.map(({ status }) => status)).toEqual(Array(5).fill(200));
    const once = await countedBy(platform());
    expect(once).toHaveLength(1);
    for (const row of once) expect(Math.abs(Number(row.created) + Number(row.completed))).toBe(1);
    const response = await app().deliver(delivered);
    expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
    expect(await countedBy(platform())).toEqual(once);
    expect(platform().logged.filter(({ outcome }) => outcome === 'handled')).toHaveLength(1);
  });

  test('an effect that fails is undone whole, and the event is to be delivered again', async () => {
    const delivered = event();
    const { database } = platform();
    await database.query('alter table stats_slots rename to gone');
    try {
      expect((await app().deliver(delivered)).status).toBe(500);
      expect(await database.query('select from inbox')).toEqual([]);
    } finally {
      await database.query('alter table gone rename to stats_slots');
    }
    expect((await app().deliver(delivered)).status).toBe(200);
    expect(await countedBy(platform())).toHaveLength(1);
  });

  test('an event that cannot be read goes to the dead letters', async () => {
    const readable = event();
    const response = await app().deliver({ ...readable, data: { ...readable.data, created_at: 'yesterday' } });
    expect([response.status, await response.json()]).toEqual([200, { status: 'DROP' }]);
    expect(await countedBy(platform())).toEqual([]);
  });

  test('only the sidecar may deliver', async () => {
    const body = JSON.stringify(toCloudEvent(event(), { source: '/test' }));
    for (const token of ['', 'wrong']) {
      const headers = { 'content-type': 'application/cloudevents+json', 'dapr-api-token': token };
      const response = await app().request(routeOf({ event: type }).path, { method: 'POST', headers, body });
      expect(response.status).toBe(401);
    }
    expect(await countedBy(platform())).toEqual([]);
  });
}
