import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { mapConcurrently } from '../../shared/runtime/concurrency.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import { openEmbedded } from '../local/postgres/embedded.ts';
import { localSecrets } from '../local/secrets.ts';

const WRITES = 200;
const program = fileURLToPath(new URL('../testing/platformProcess.ts', import.meta.url));
const announcementSchema = z.object({ apiUrl: z.string(), databaseEndpoint: z.string(), token: z.string() });
type Announcement = z.output<typeof announcementSchema>;

let dataDir: string;
let platform: ChildProcess | undefined;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-crash-'));
}, 60_000);
afterAll(async () => {
  if (platform) await stop('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

/** Starts the platform as the leader of a process group of its own. */
async function start(): Promise<Announcement> {
  platform = spawn(process.execPath, ['--import', 'tsx', program], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...{ API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: '0' },
      DATA_DIR: dataDir,
    },
  });
  if (!platform.stdout) throw new Error('the platform has no standard output');
  const [line] = await once(createInterface(platform.stdout), 'line');
  return announcementSchema.parse(JSON.parse(String(line)));
}

/** Sends a signal to the whole process group and waits until its leader is gone. */
async function stop(signal: NodeJS.Signals): Promise<void> {
  const leader = platform;
  platform = undefined;
  if (!leader?.pid || leader.exitCode !== null || leader.signalCode !== null) return;
  const exited = once(leader, 'exit');
  process.kill(-leader.pid, signal);
  await exited;
}

const pageSchema = z.object({
  items: z.array(z.object({ id: z.string(), taskId: z.string().optional() })),
  next: z.string().nullable(),
});
type Item = z.output<typeof pageSchema>['items'][number];

/** Reads a list of the API to its end. */
async function allPages({ apiUrl, token }: Announcement, path: string, select: (item: Item) => string | undefined) {
  const found: (string | undefined)[] = [];
  let cursor = '';
  do {
    const response = await fetch(`${apiUrl}${path}?limit=100${cursor}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { items, next } = pageSchema.parse(await response.json());
    found.push(...items.map(select));
    cursor = next ? `&cursor=${next}` : '';
  } while (cursor);
  return found;
}

/** How many events wait in the outbox. */
async function unpublished({ databaseEndpoint }: Announcement): Promise<unknown> {
  const { databasePassword } = await localSecrets(dataDir);
  const sql = connect({ url: `postgres://test:${databasePassword}@localhost/test`, fetchEndpoint: databaseEndpoint });
  const [rows] = await runAs(sql, 'system')(sql`select count(*)::int from outbox where published_at is null`);
  return rows?.[0]?.count;
}

test('kill -9 of everything in the middle of 200 writes: every committed task’s event takes effect once', async () => {
  const acknowledged: string[] = [];
  const first = await start();
  const headers = { authorization: `Bearer ${first.token}`, 'content-type': 'application/json' };
  let killed: Promise<void> | undefined;
  await mapConcurrently(
    Array.from({ length: WRITES }, (_, n) => n),
    8,
    async (n) => {
      const body = JSON.stringify({ title: `task ${n}` });
      try {
        const response = await fetch(`${first.apiUrl}/tasks`, { method: 'POST', headers, body });
        const task = z.object({ id: z.string() }).parse(await response.json());
        acknowledged.push(task.id);
      } catch {
        // The platform is gone: what was not acknowledged may be written or not.
      }
      if (acknowledged.length === WRITES / 2) killed ??= stop('SIGKILL');
    },
  );
  await killed;
  expect(acknowledged.length).toBeGreaterThanOrEqual(WRITES / 2);
  expect(acknowledged.length).toBeLessThan(WRITES);

  const second = await start();
  await vi.waitFor(
    async () => {
      const written = await allPages(second, '/tasks', ({ id }) => id);
      expect(written).toEqual(expect.arrayContaining(acknowledged));
      expect(await allPages(second, '/notifications', ({ taskId }) => taskId)).toEqual(expect.arrayContaining(written));
      // What was published and not marked before the kill is published again, when its relay's claim has run out.
      expect(await unpublished(second)).toBe(0);
    },
    { timeout: 100_000, interval: 500 },
  );
  await stop('SIGTERM');

  // What the database itself says, with nothing running.
  const engine = await openEmbedded(join(dataDir, 'postgres'));
  const rows = async (text: string) => (await engine.query({ text, params: [] })).rows.map(([value]) => value);
  const tasks = await rows('select id from tasks order by id');
  expect(tasks).toEqual(expect.arrayContaining(acknowledged));
  expect(await rows('select task_id from notifications order by task_id')).toEqual(tasks);
  expect(await rows('select sum(created)::text from stats_slots')).toEqual([String(tasks.length)]);
  await engine.close();
}, 180_000);
