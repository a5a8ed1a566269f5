import { NeonDbError, type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless';

/** Runs one statement over HTTP, or puts it into a batch; see `NeonQueryFunction`. */
export type Sql = NeonQueryFunction<false, false>;
/** A statement that has not run yet: awaiting it runs it alone, `sql.transaction` runs it in a batch. */
export type Statement = ReturnType<Sql>;
export type Row = Record<string, unknown>;

/**
 * Where a page of a list that stands newest first begins: behind the row with this creation time (UTC without an
 * offset, in Postgres's full precision) and id.
 */
export type Position = readonly [createdAt: string, id: string];

/** A stuck database must end a request before the caller's patience does; its own statements take milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface DatabaseOptions {
  /** `postgres://user:password@host/database` */
  url: string;
  /** Where the driver sends its requests; left out, Neon's own endpoint of the host in `url`. */
  fetchEndpoint?: string | undefined;
}

/** A database over HTTP: nothing to connect, nothing to keep alive, one request per statement or batch. */
export function connect({ url, fetchEndpoint }: DatabaseOptions): Sql {
  if (fetchEndpoint) neonConfig.fetchEndpoint = fetchEndpoint;
  neonConfig.fetchFunction = (input: string, init: RequestInit) =>
    fetch(input, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  return neon(url);
}

/**
 * Wraps a write that stands on what was read before, as in `update … where version = $read returning id`: when it does
 * not change exactly one row, the whole batch is rolled back and rejects with an error that `isStale` knows.
 */
export function exactlyOne(sql: Sql, write: Statement): Statement {
  return sql`
    with changed as (${write})
    select expect_rows(count(*), 1) from changed`;
}

/** Whether a batch was rolled back because somebody else was faster (see `exactlyOne`). */
export function isStale(error: unknown): boolean {
  return error instanceof NeonDbError && error.code === 'ET001';
}

/** Whether a batch was rolled back because a row with this key exists already. */
export function isDuplicateOf(constraint: string, error: unknown): boolean {
  return error instanceof NeonDbError && error.code === '23505' && error.constraint === constraint;
}
