import { connect, runAs } from '../../../shared/store/database.ts';
import type { Step } from './serveSteps.ts';

/** Runs a transaction that does nothing. */
export function queryDatabase(): Step {
  const { DATABASE_URL = '', DATABASE_FETCH_ENDPOINT } = process.env;
  const sql = connect({ url: DATABASE_URL, fetchEndpoint: DATABASE_FETCH_ENDPOINT });
  const run = runAs(sql, 'system');
  return () => run(sql`select 1`);
}
