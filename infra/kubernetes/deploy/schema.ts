import { openServer } from '../../local/postgres/server.ts';
import { migrationStatus } from '../../migrations/migrate.ts';

/**
 * What is wrong with the schema of the database at a URL: undefined where it is what this version wants. Rejects where the
 * database cannot be reached, or has a newer schema than this version knows.
 */
export async function schemaProblem(databaseUrl: string): Promise<string | undefined> {
  const engine = await openServer(databaseUrl, { maxConnections: 1 });
  try {
    const { pending } = await migrationStatus(engine);
    if (pending.length === 0) return undefined;
    return `the database lacks ${pending.length} migrations, ${pending.join(', ')}: first DATABASE_URL=… npm run migrate`;
  } finally {
    await engine.close();
  }
}
