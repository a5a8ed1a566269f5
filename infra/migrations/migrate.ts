import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import Postgrator from 'postgrator';
import type { Session, SqlEngine } from '../local/postgres/engine.ts';

/** The project's migrations: `NNNN.do.<what>.sql`, numbered from 0001 without gaps, never edited once they have run. */
export const migrationsFolder = fileURLToPath(new URL('.', import.meta.url));
/** What functions log in as; migration 0006 says what it may do. */
export const FUNCTIONS_ROLE = 'evolution_todo_functions';

/** Records which migrations have run, with their checksums. */
export const MIGRATIONS_TABLE = 'applied_migrations';

const FILE_NAME = /^(\d{4})\.do\.[a-z0-9-]+\.sql$/;
/** Names this system's migrations among everybody's advisory locks on the server: the bytes of "todo". */
const LOCK_KEY = 0x74_6f_64_6f;

export interface MigrateOptions {
  /** Left out: the project's own. */
  folder?: string | undefined;
  /** Called with the file name of each migration before it runs. */
  onProgress?: ((file: string) => void) | undefined;
}

/** A database's migrations by file name: those that have run and those that have not, in order. */
export interface MigrationStatus {
  applied: string[];
  pending: string[];
}

/**
 * Brings a database to the newest migration and returns the files that ran. Each runs in a transaction together with
 * its record, so whole or not at all; of two migrators at once, one waits. Rejects, with the database as the last
 * successful migration left it, when a migration fails, when one that has run was edited (checksum) or is missing, and
 * when the database is newer than the folder.
 */
export async function migrate(engine: SqlEngine, options: MigrateOptions = {}): Promise<string[]> {
  const { folder = migrationsFolder, onProgress = () => {} } = options;
  const files = await migrationFiles(folder);
  return engine.session(async (session) => {
    await session.exec(`select pg_advisory_lock(${LOCK_KEY})`);
    const { postgrator, pending, version } = await examine(session, folder, files);
    // Nothing to run between a version and itself: this makes the table and checks the checksums.
    await postgrator.migrate(String(version)).catch((error) => {
      throw explained(error, files);
    });
    for (const migration of postgrator.getRunnableMigrations(version, files.length)) {
      const file = files[migration.version - 1] as string;
      onProgress(file);
      try {
        await session.exec('begin');
        await postgrator.runMigrations([migration]);
        await session.exec('commit');
      } catch (error) {
        throw new Error(`migration ${file} failed and was rolled back: ${(error as Error).message}`, { cause: error });
      }
    }
    return pending;
  });
}

/** What has run on a database and what has not; rejects as `migrate` does when they don't fit, but changes nothing. */
export async function migrationStatus(engine: SqlEngine, folder = migrationsFolder): Promise<MigrationStatus> {
  const files = await migrationFiles(folder);
  return engine.session(async (session) => {
    const { postgrator, pending, version } = await examine(session, folder, files);
    await postgrator.validateMigrations(version).catch((error) => {
      throw explained(error, files);
    });
    return { applied: files.slice(0, version), pending };
  });
}

async function examine(session: Session, folder: string, files: readonly string[]) {
  const postgrator = new Postgrator({
    driver: 'pg',
    migrationPattern: `${escapeGlob(folder)}/*.do.*.sql`,
    schemaTable: MIGRATIONS_TABLE,
    // A checkout with other line endings is no edit.
    newline: 'LF',
    execQuery: session.query,
    execSqlScript: session.exec,
  });
  await postgrator.getMigrations();
  const version = await postgrator.getDatabaseVersion();
  if (version > files.length) {
    throw new Error(
      `the database is at migration ${version}, but ${folder} ends with ${files.length}: use the version of this ` +
        'program that migrated it, or a later one',
    );
  }
  return { postgrator, version, pending: files.slice(version) };
}

/** The files in order of their number. A gap or a double would be skipped without a word on databases that are past it. */
async function migrationFiles(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  files.forEach((file, index) => {
    const number = FILE_NAME.exec(file)?.[1];
    if (!number) throw new Error(`${file} is not named as a migration: NNNN.do.<what>.sql, lower case, with hyphens`);
    if (Number(number) !== index + 1) {
      throw new Error(`${file} is out of sequence: number ${String(index + 1).padStart(4, '0')} comes here`);
    }
  });
  return files;
}

function explained(error: Error, files: readonly string[]): Error {
  const version = /checksum failed for migration \[(\d+)\]/.exec(error.message)?.[1];
  if (!version) return error;
  return new Error(
    `${files[Number(version) - 1]} has run on this database in another wording: restore it, and put the change into a ` +
      'new migration',
    { cause: error },
  );
}

function escapeGlob(path: string): string {
  return path.replace(/\/$/, '').replace(/[?*()[\]{}]/g, '[$&]');
}
