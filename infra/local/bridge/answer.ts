import type { QueryResult } from '../postgres/engine.ts';
import { isPostgresError, POSTGRES_ERROR_FIELDS } from '../postgres/postgresError.ts';
import { isRequestError } from './requestError.ts';

/** An error's status and body: 400 for what Postgres refused, 500 for a Postgres that could not be asked. */
export interface ErrorAnswer {
  status: number;
  body: Record<string, string | null>;
}

/** The body that answers a single statement. */
export function queryAnswer({ fields, rows, command, rowCount }: QueryResult, arrayMode: boolean): object {
  return {
    rowAsArray: arrayMode,
    fields,
    rows: arrayMode ? rows : rows.map((row) => Object.fromEntries(fields.map(({ name }, index) => [name, row[index]]))),
    command,
    rowCount,
  };
}

/** The body that answers a batch, its results in the order of its statements. */
export function batchAnswer(results: readonly QueryResult[], arrayMode: readonly boolean[]): object {
  return { results: results.map((result, index) => queryAnswer(result, arrayMode[index] ?? false)) };
}

/** The answer to a request that failed, with all of Postgres' fields where it was Postgres that refused. */
export function errorAnswer(error: unknown): ErrorAnswer {
  const message = error instanceof Error ? error.message : String(error);
  if (!isPostgresError(error)) return { status: isRequestError(error) ? error.status : 500, body: { message } };
  const fields = POSTGRES_ERROR_FIELDS.map((name) => [name, error[name] ?? null]);
  return { status: 400, body: { message, ...Object.fromEntries(fields) } };
}
