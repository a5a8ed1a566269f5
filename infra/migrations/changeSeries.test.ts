import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pgliteEngine } from '../local/postgres/pgliteEngine.ts';
import { migrateBefore } from '../testing/migrateBefore.ts';
import { migrate } from './migrate.ts';

let pglite: PGlite;
beforeAll(async () => {
  pglite = await PGlite.create();
});
afterAll(() => pglite.close());

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

test('series that are there go on as they did, and know how far they are', async () => {
  const engine = pgliteEngine(pglite);
  await migrateBefore(engine, 'let-series-be-changed');

  // One that goes on, with two instances made; one whose rule has ended; one of which no instance is left.
  await pglite.exec(`
    insert into series (id, user_id, template, rule, start_local, time_zone, overflow, gap, next_local, next_at, lead_ms,
                        create_at, created_at)
    select id::uuid, 'alice', '{}', 'FREQ=DAILY', '2026-03-01T09:00:00', 'UTC', 'clamp', 'shift', next_local,
           next_local::timestamp at time zone 'UTC', 3600000, create_at::timestamptz, '2026-03-01T08:00:00Z'
    from (values
      ('${id(1)}', '2026-03-03T09:00:00', '2026-03-03T08:00:00Z'),
      ('${id(2)}', null, null),
      ('${id(3)}', '2026-03-02T09:00:00', null)
    ) as s (id, next_local, create_at);
    insert into tasks (id, user_id, title, priority, status, series_id, occurrence_local, created_at, updated_at)
    select id::uuid, 'alice', 'Buy milk', 'low', 'open', series_id::uuid, slot, '2026-03-01T08:00:00Z', '2026-03-01T08:00:00Z'
    from (values
      ('${id(11)}', '${id(1)}', '2026-03-01T09:00:00'),
      ('${id(12)}', '${id(1)}', '2026-03-02T09:00:00'),
      ('${id(13)}', '${id(2)}', '2026-03-01T09:00:00')
    ) as t (id, series_id, slot)`);

  await migrate(engine);
  const { rows } = await pglite.query(`
    select state, mode, missed, overlap, last_local, made, version, updated_at = created_at as same, create_at is null as waits
    from series order by id`);
  const common = { mode: 'fixed', missed: 'latest', overlap: 'single_open', version: 1, same: true };
  expect(rows).toEqual([
    { ...common, state: 'active', last_local: '2026-03-02T09:00:00', made: 2, waits: false },
    { ...common, state: 'ended', last_local: '2026-03-01T09:00:00', made: 1, waits: true },
    { ...common, state: 'active', last_local: null, made: 0, waits: true },
  ]);
});

test.each([
  ['a choice that is none', `mode = 'sometimes'`],
  ['counting from completions with instances that overlap', `mode = 'after_completion', overlap = 'allow'`],
  ['counting from completions with further dates', `mode = 'after_completion', rdates = '{2026-03-05T09:00:00}'`],
  ['an end with a next slot', `state = 'ended'`],
  ['no next slot while it goes on', `next_local = null, next_at = null, create_at = null`],
  ['a time to make an instance while it is paused', `state = 'paused'`],
])('the database refuses %s', async (_what, change) => {
  const write = pglite.query(`update series set ${change} where id = '${id(1)}'`);
  await expect(write).rejects.toMatchObject({ code: '23514' });
});
