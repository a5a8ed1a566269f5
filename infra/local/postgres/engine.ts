/** One statement with its parameters as text, in the order of `$1`, `$2`, …; `null` is SQL's NULL. */
export interface Query {
  text: string;
  params: readonly (string | null)[];
}

/** A result column, with the names that node-postgres and Neon's driver use. */
export interface Field {
  name: string;
  tableID: number;
  columnID: number;
  /** The type's OID: https://www.postgresql.org/docs/current/catalog-pg-type.html */
  dataTypeID: number;
  dataTypeSize: number;
  dataTypeModifier: number;
  format: 'text';
}

export interface QueryResult {
  /** The first word of the command tag, such as `SELECT`; empty for a statement without any SQL. */
  command: string;
  /** Rows returned or changed; `null` for commands that don't count any. */
  rowCount: number | null;
  fields: Field[];
  /** Values as Postgres prints them (`t`, `{1,2}`, `\x00ff`), whatever their type. */
  rows: (string | null)[][];
}

export type IsolationLevel = 'ReadUncommitted' | 'ReadCommitted' | 'RepeatableRead' | 'Serializable';

/** How a batch's transaction begins; what is left out is Postgres' default. */
export interface TransactionOptions {
  isolationLevel?: IsolationLevel | undefined;
  readOnly?: boolean | undefined;
  deferrable?: boolean | undefined;
}

/** One connection for its user alone, for scripts of several statements. Values come as text. */
export interface Session {
  query(text: string): Promise<{ rows: Record<string, string | null>[] }>;
  exec(script: string): Promise<void>;
}

/**
 * A Postgres, embedded or on a server. Whatever runs on it rejects with a `PostgresError` when Postgres refuses it, and
 * with another error when Postgres can't be reached.
 */
export interface SqlEngine {
  /** Runs one statement in a transaction of its own; one that it leaves open is rolled back. */
  query(query: Query): Promise<QueryResult>;
  /** Runs the statements in order as one transaction: all of them, or, when one fails, none. */
  transaction(queries: readonly Query[], options?: TransactionOptions): Promise<QueryResult[]>;
  /** Lends a connection; what `use` leaves behind on it (open transaction, settings, locks) is cleared away. */
  session<T>(use: (session: Session) => Promise<T>): Promise<T>;
  /** Waits for what is running and releases everything. */
  close(): Promise<void>;
}

const ISOLATION_LEVELS: Record<IsolationLevel, string> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
};

/** Whether a word names an isolation level, as Neon's driver spells them. */
export function isIsolationLevel(word: string): word is IsolationLevel {
  return Object.hasOwn(ISOLATION_LEVELS, word);
}

/** The statement that begins a batch's transaction. */
export function beginStatement({ isolationLevel, readOnly, deferrable }: TransactionOptions = {}): string {
  return [
    'begin',
    isolationLevel && `isolation level ${ISOLATION_LEVELS[isolationLevel]}`,
    readOnly && 'read only',
    deferrable && 'deferrable',
  ]
    .filter(Boolean)
    .join(' ');
}

/** A command tag's command and count (`INSERT 0 5`, `SELECT 2`, `CREATE TABLE`), read as Neon's endpoint reads it. */
export function parseCommandTag(tag: string): Pick<QueryResult, 'command' | 'rowCount'> {
  const words = tag.split(' ');
  const last = words.at(-1) ?? '';
  return { command: words[0] ?? '', rowCount: words.length > 1 && /^\d+$/.test(last) ? Number(last) : null };
}
