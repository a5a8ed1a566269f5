/** The fields that Postgres may send with an error: https://www.postgresql.org/docs/current/protocol-error-fields.html */
export const POSTGRES_ERROR_FIELDS = [
  'severity',
  'code',
  'detail',
  'hint',
  'position',
  'internalPosition',
  'internalQuery',
  'where',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'file',
  'line',
  'routine',
] as const;

/** What Postgres (or an engine in its place) answered to a statement that it refused; `code` is the SQLSTATE. */
export type PostgresError = Error & { severity: string; code: string } & {
  [field in (typeof POSTGRES_ERROR_FIELDS)[number]]?: string | undefined;
};

/** An error in the form in which Postgres itself reports one. */
export function postgresError(code: string, message: string): PostgresError {
  return Object.assign(new Error(message), { severity: 'ERROR', code });
}

/** Whether Postgres refused a statement, as opposed to not having been reached. Drivers' errors carry the same fields. */
export function isPostgresError(error: unknown): error is PostgresError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';
}
