import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startBridge } from '../local/bridge/bridge.ts';
import { asRole } from '../local/postgres/asRole.ts';
import type { SqlEngine } from '../local/postgres/engine.ts';
import { FUNCTIONS_ROLE, MIGRATIONS_TABLE } from '../migrations/migrate.ts';
import type { Place } from './engines.ts';
import { testEngine, type Where } from './testEngine.ts';

/** A migrated database that one test file has for itself, behind a bridge for Neon's driver. */
export interface TestDatabase {
  /** What functions get as DATABASE_URL. */
  url: string;
  /** What functions get as DATABASE_FETCH_ENDPOINT. */
  fetchEndpoint: string;
  /** Runs a statement as the database's owner, past row-level security; values come as node-postgres gives them. */
  query<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Lends a connection of the owner's, for transactions that stay open; in memory there is no other meanwhile. */
  session: SqlEngine['session'];
  /** Empties every table but the one row of the change feed's horizon, and lets identities begin anew. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes a test database: on the server that TEST_DATABASE_URL names (its role must be allowed to create databases), or
 * else in memory. `on` chooses one of them, or another server. Its clients are logged in as functions are, or else as `role`.
 */
export async function testDatabase(
  on: Where = standardPlace(),
  role: typeof FUNCTIONS_ROLE | 'owner' = FUNCTIONS_ROLE,
): Promise<TestDatabase> {
  const { engine, dispose } = await testEngine(on);
  const password = randomBytes(16).toString('hex');
  const bridge = await startBridge({ engine: role === 'owner' ? engine : asRole(engine, role), port: 0, password });
  return {
    url: `postgres://evolution_todo:${password}@localhost/evolution_todo`,
    fetchEndpoint: `${bridge.url}/sql`,
    query: <Row>(text: string, params: readonly unknown[] = []) => typedRows<Row>(engine, text, params),
    session: engine.session,
    reset: () => deleteEverything(engine),
    async close() {
      await bridge.close();
      await dispose();
    },
  };
}

function standardPlace(): Place {
  return process.env.TEST_DATABASE_URL ? 'server' : 'memory';
}

async function typedRows<Row>(engine: SqlEngine, text: string, params: readonly unknown[]): Promise<Row[]> {
  const { fields, rows } = await engine.query({ text, params: params.map(toText) });
  const parsers = fields.map((field) => pg.types.getTypeParser(field.dataTypeID, 'text'));
  return rows.map(
    (row) =>
      Object.fromEntries(
        fields.map(({ name }, index) => {
          const value = row[index] ?? null;
          return [name, value === null ? null : parsers[index]?.(value)];
        }),
      ) as Row,
  );
}

function toText(param: unknown): string | null {
  if (param === null || param === undefined) return null;
  if (param instanceof Date) return param.toISOString();
  return typeof param === 'object' ? JSON.stringify(param) : String(param);
}

/**
 * Deletes all rows in one statement, so that foreign keys are checked when everything is gone. Where tables are
 * nearly empty, to truncate them takes ten times as long.
 */
async function deleteEverything(engine: SqlEngine): Promise<void> {
  const { rows } = await engine.query({
    text: `select string_agg(format('%I as (delete from %I)', tablename, tablename), ', ')
      from pg_tables where schemaname = 'public' and tablename not in ($1, 'feed_horizon')`,
    params: [MIGRATIONS_TABLE],
  });
  if (!rows[0]?.[0]) return;
  await engine.transaction([
    { text: `with ${rows[0][0]} select`, params: [] },
    { text: 'select setval(seqrelid::regclass, seqstart, false) from pg_sequence', params: [] },
  ]);
}
