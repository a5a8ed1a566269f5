import { PGlite } from '@electric-sql/pglite';
import { pgDump } from '@electric-sql/pglite-tools/pg_dump';
import { pgliteEngine } from '../local/postgres/pgliteEngine.ts';
import { MIGRATIONS_TABLE, migrate } from './migrate.ts';

/** The schema that all migrations together make, as SQL; the same text for the same migrations. */
export async function dumpSchema(): Promise<string> {
  const pglite = await PGlite.create();
  try {
    await migrate(pgliteEngine(pglite));
    return await dumpOf(pglite);
  } finally {
    await pglite.close();
  }
}

/** The schema of a database, without the record of its migrations. */
export async function dumpOf(pglite: PGlite): Promise<string> {
  const args = ['--schema-only', '--no-owner', '--no-tablespaces', '--schema=public'];
  const dump = await pgDump({ pg: pglite, args: [...args, `--exclude-table=${MIGRATIONS_TABLE}`] });
  // It leaves its read-only transaction and its settings, which end with the connection where that is its own.
  await pglite.exec('rollback');
  await pglite.exec('discard all');
  return settled(await dump.text());
}

/** Without what differs between versions of Postgres or says nothing about the schema: settings, versions, comments. */
function settled(dump: string): string {
  return `${dump
    .split('\n')
    .filter(
      (line) =>
        !/^(?:--|SET (?!check_function_bodies)|SELECT pg_catalog\.set_config|\\(?:un)?restrict|(?:CREATE|COMMENT ON) SCHEMA public)/.test(
          line,
        ),
    )
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
