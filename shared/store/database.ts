import { NeonDbError, type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless';

/** Runs one statement over HTTP, or puts it into a batch; see `NeonQueryFunction`. */
export type Sql = NeonQueryFunction<false, false>;
/** A statement that has not run yet: awaiting it runs it alone, `sql.transaction` runs it in a batch. */
export type Statement = ReturnType<Sql>;
export type Row = Record<string, unknown>;

/** On whose behalf statements run: a user's, who reaches what is theirs, or the system's own, which reaches everything. */
export type Identity = { userId: string } | 'system';

/** Runs statements in order as one transaction, in one round trip. Resolves to the rows of each. */
export type Run = (...statements: readonly Statement[]) => Promise<Row[][]>;

/** Runs statements on somebody's behalf: row-level security hides what is not theirs (migration 0006). */
export function runAs(sql: Sql, identity: Identity): Run {
  return runner(sql, identity, {});
}

/**
 * Reads on somebody's behalf, as `runAs` does, with all statements on one state of the database: one after the other in a
 * transaction that reads what is committed, they would tell of a series before a change and of its instances after it.
 */
export function readAs(sql: Sql, identity: Identity): Run {
  return runner(sql, identity, { isolationLevel: 'RepeatableRead', readOnly: true });
}

function runner(sql: Sql, identity: Identity, options: Parameters<Sql['transaction']>[1]): Run {
  return async (...statements) => {
    const [, ...results] = await sql.transaction([assume(sql, identity), ...statements], options);
    return results as Row[][];
  };
}

function assume(sql: Sql, identity: Identity): Statement {
  if (identity === 'system') return sql`select set_config('role', 'evolution_todo_system', true)`;
  return sql`
    select set_config('role', 'evolution_todo_user', true), set_config('app.user_id', ${identity.userId}, true)`;
}

/**
 * Where a page of a list that stands newest first begins: behind the row with this creation time (UTC without an
 * offset, in Postgres's full precision) and id.
 */
export type Position = readonly [createdAt: string, id: string];

const DEADLOCK_DETECTED = '40P01';

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
  return exactly(sql, 1, write);
}

/** As `exactlyOne`, for a write that is to change so many rows. */
export function exactly(sql: Sql, rows: number, write: Statement): Statement {
  return sql`
    with changed as (${write})
    select expect_rows(count(*), ${rows}) from changed`;
}

/** Whether a batch was rolled back because somebody else was faster (see `exactlyOne`), or both waited for the other. */
export function isStale(error: unknown): boolean {
  return hasCode('ET001', error) || hasCode(DEADLOCK_DETECTED, error);
}

/** Whether Postgres refused a statement with this SQLSTATE; those that begin with ET are the project's own. */
export function hasCode(code: string, error: unknown): boolean {
  return error instanceof NeonDbError && error.code === code;
}

/** What there would have been too much of, where a batch was rolled back because of a limit (see `requireRoom`). */
export function limitReached(error: unknown): string | undefined {
  return error instanceof NeonDbError && error.code === 'ET003' ? error.constraint : undefined;
}

/** Whether a batch was rolled back because a row with this key exists already. */
export function isDuplicateOf(constraint: string, error: unknown): boolean {
  return error instanceof NeonDbError && error.code === '23505' && error.constraint === constraint;
}
