import { beginStatement, type Query, type QueryResult, type TransactionOptions } from './engine.ts';
import { assertOneTransaction, assertSendable, endsItsTransaction, staysInItsTransaction } from './statement.ts';

/** A connection that a transaction has for itself. */
export interface Connection {
  /** Sends statements at once, and resolves to the result of each; what stands behind one that fails is not run. */
  run(...queries: readonly Query[]): Promise<QueryResult[]>;
  isInTransaction(): boolean;
}

const COMMIT: Query = { text: 'commit', params: [] };

/**
 * Runs a batch as one transaction, in one exchange where no statement of it can end that. Otherwise it is looked after each
 * whether the transaction still goes on, before the next one runs outside of it. What a failure leaves open is the caller's.
 */
export async function runTransaction(
  connection: Connection,
  queries: readonly Query[],
  options?: TransactionOptions,
): Promise<QueryResult[]> {
  assertOneTransaction(queries);
  // Before any is sent: what stands around one that is not would be committed without it.
  for (const query of queries) assertSendable(query);
  const begin: Query = { text: beginStatement(options), params: [] };
  if (queries.every(staysInItsTransaction)) {
    const results = await connection.run(begin, ...queries, COMMIT);
    return results.slice(1, -1);
  }
  const results: QueryResult[] = [];
  await connection.run(begin);
  for (const query of queries) {
    results.push(...(await connection.run(query)));
    if (!connection.isInTransaction()) throw endsItsTransaction('ending the transaction');
  }
  await connection.run(COMMIT);
  return results;
}
