import { connect, type Run, runAs, type Sql } from '../../shared/store/database.ts';
import { type TestDatabase, testDatabase } from './database.ts';

/** A test database, and what runs statements there on the system's behalf. Whoever made it closes the database. */
export async function testStore(): Promise<{ database: TestDatabase; sql: Sql; run: Run }> {
  const database = await testDatabase();
  const sql = connect(database);
  return { database, sql, run: runAs(sql, 'system') };
}
