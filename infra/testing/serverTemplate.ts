import { randomBytes } from 'node:crypto';
import type { Session } from '../local/postgres/engine.ts';
import { openServer } from '../local/postgres/server.ts';
import { migrate } from '../migrations/migrate.ts';
import { migrationsHash } from './migrationsHash.ts';
import type { TestEngine } from './testEngine.ts';

/** Names the making of test databases among everybody's advisory locks on the server: the bytes of "test". */
const LOCK_KEY = 0x74_65_73_74;

/** A database of its own on the server that TEST_DATABASE_URL names. */
export interface ServerDatabase {
  url: string;
  /** Removes it, and ends the connections that are left. */
  drop(): Promise<void>;
}

/** A migrated database on a server: the one that TEST_DATABASE_URL names, where none is given. */
export async function serverTestEngine(serverUrl?: string): Promise<TestEngine> {
  const database = await createTestDatabase('migrated', serverUrl);
  const engine = await openServer(database.url);
  return { engine, dispose: () => engine.close().finally(database.drop) };
}

/**
 * Makes a database on the server. A migrated one is copied from a template database, which is made once for each state
 * of the migrations and stays there.
 */
export async function createTestDatabase(
  content: 'migrated' | 'empty',
  serverUrl = process.env.TEST_DATABASE_URL,
): Promise<ServerDatabase> {
  if (!serverUrl) throw new Error('TEST_DATABASE_URL is not set: it names the Postgres server to test on');
  const template = content === 'migrated' ? `evolution_todo_template_${await migrationsHash()}` : 'template0';
  const name = `evolution_todo_test_${randomBytes(8).toString('hex')}`;
  await onServer(serverUrl, async (session) => {
    // A template can't be copied while it is being made.
    await session.exec(`select pg_advisory_lock(${LOCK_KEY})`);
    const { rows } = await session.query(`select datname from pg_database where datname = '${template}'`);
    if (rows.length === 0) await makeTemplate(serverUrl, session, template);
    await session.exec(`create database ${name} template ${template}`);
  });
  return {
    url: databaseUrl(serverUrl, name),
    drop: () => onServer(serverUrl, (session) => session.exec(`drop database ${name} with (force)`)),
  };
}

async function makeTemplate(serverUrl: string, session: Session, template: string): Promise<void> {
  // Under another name until it is complete, so that a run that is killed here leaves no half-made template.
  const unfinished = `${template}_unfinished`;
  await session.exec(`drop database if exists ${unfinished}`);
  await session.exec(`create database ${unfinished}`);
  const engine = await openServer(databaseUrl(serverUrl, unfinished), { maxConnections: 1 });
  try {
    await migrate(engine);
  } finally {
    await engine.close();
  }
  await session.exec(`alter database ${unfinished} rename to ${template}`);
}

async function onServer(url: string, use: (session: Session) => Promise<void>): Promise<void> {
  const engine = await openServer(url, { maxConnections: 1 });
  try {
    await engine.session(use);
  } finally {
    await engine.close();
  }
}

function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
