import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbedded } from '../infra/local/postgres/embedded.ts';
import type { SqlEngine } from '../infra/local/postgres/engine.ts';
import { migrate } from '../infra/migrations/migrate.ts';
import { runScript } from '../infra/testing/runScript.ts';

const quarters = `select user_id || ' ' || created from stats_slots order by user_id`;

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-rebuild-'));
  await onDatabase(async (engine) => {
    await migrate(engine);
    await engine.session((session) =>
      session.exec(`
        insert into tasks (id, user_id, title, priority, tags, status, version, created_at, updated_at)
        select gen_random_uuid(), user_id, 'Buy milk', 'low', '{}', 'open', 1, '2026-11-25', '2026-11-25'
        from unnest(array['alice', 'alice', 'bob']) user_id`),
    );
  });
}, 120_000);
afterAll(() => rm(dataDir, { recursive: true }));

/** Uses the embedded Postgres while nobody else does. */
async function onDatabase<T>(use: (engine: SqlEngine) => Promise<T>): Promise<T> {
  const engine = await openEmbedded(join(dataDir, 'postgres'));
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

const counts = () => onDatabase(async (engine) => (await engine.query({ text: quarters, params: [] })).rows.flat());

const rebuildStats = (args: string[], variables: Record<string, string> = {}) =>
  runScript('rebuildStats', args, { DATABASE_URL: undefined, DATA_DIR: dataDir, ...variables });

test('it explains itself, and what must be quiet', async () => {
  const { code, stdout } = await rebuildStats(['--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('--user USER');
  expect(stdout).toContain('dead letters of task events that are older');
});

test('it counts one user’s tasks, or everybody’s', async () => {
  expect(await rebuildStats(['--user', 'alice'])).toMatchObject({ code: 0, stdout: 'Done: 1 quarter-hour counted.\n' });
  expect(await counts()).toEqual(['alice 2']);
  expect(await rebuildStats([])).toMatchObject({ code: 0, stdout: 'Done: 2 quarter-hours counted.\n' });
  expect(await counts()).toEqual(['alice 2', 'bob 1']);
}, 120_000);

test('it leaves a running platform’s embedded Postgres alone', async () => {
  const { code, stderr } = await onDatabase(() => rebuildStats([]));
  expect(code).toBe(1);
  expect(stderr).toContain(String(process.pid));
}, 60_000);

test('it says where it could not connect to, but not the password', async () => {
  const { code, stderr } = await rebuildStats([], { DATABASE_URL: 'postgres://todo:geheim@127.0.0.1:1/todo' });
  expect(code).toBe(1);
  expect(stderr).toBe("can't connect to Postgres at 127.0.0.1:1/todo: connect ECONNREFUSED 127.0.0.1:1\n");
});
