import { statementsIn, transactionsOf } from '../real/postgres/statements.ts';
import type { DatabaseRequest } from './restingSystem.ts';
import type { Window } from './window.ts';

/** What the bridge calls itself, and what it asks when it is asked for its own health. */
const BRIDGE = 'evolution-todo';
const PROBE = 'select 1';

/** What the log of a Postgres server, in which `logStatements` has every statement written, tells of a window. */
export async function loggedRequests(logFile: string, { from, to }: Window): Promise<DatabaseRequest[]> {
  const transactions = transactionsOf(await statementsIn(logFile, from, to));
  return transactions.map(({ at, client, text }) => {
    if (client !== BRIDGE) return { at, by: 'sidecar' };
    return { at, by: text === PROBE ? 'health probe' : 'functions' };
  });
}
