import pg from 'pg';
import type { Field, Query, QueryResult, SqlEngine } from './engine.ts';
import { assertSendable, changesTheSession } from './statement.ts';
import { runTransaction } from './transaction.ts';

/** A tenth of what a default Postgres allows (`max_connections = 100`), so that several instances fit. */
const DEFAULT_MAX_CONNECTIONS = 10;
/** Longer than a busy pool takes to free a connection, shorter than a caller's patience (10 s). */
const CONNECTION_TIMEOUT_MS = 5_000;

export interface ServerOptions {
  maxConnections?: number | undefined;
  /** Ends a statement that runs longer (SQLSTATE 57014), in milliseconds; left out, the server's own limit. */
  statementTimeoutMs?: number | undefined;
  /** Hears of idle connections that break, for the log: the next query opens another one. */
  onConnectionLost?: ((error: Error) => void) | undefined;
}

/**
 * Connects to the Postgres server of a `postgres://user:password@host:port/database` URL, over a bounded pool. Rejects
 * with the address, but not the password, when it can't be reached.
 */
export async function openServer(url: string, options: ServerOptions = {}): Promise<SqlEngine> {
  const engine = poolEngine(url, options);
  try {
    await engine.query({ text: 'select 1', params: [] });
    return engine;
  } catch (error) {
    await engine.close();
    throw new Error(`can't connect to Postgres at ${addressOf(url)}: ${reasonOf(error)}`, { cause: error });
  }
}

function poolEngine(url: string, options: ServerOptions): SqlEngine {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs,
    application_name: 'evolution-todo',
    // What is sent before an answer has come is answered in its order.
    pipeline: true,
    types: { getTypeParser: () => (value: string) => value },
  });
  // Without listeners, a server that restarts would end this process. A connection in use tells its user itself.
  pool.on('error', (error) => options.onConnectionLost?.(error));
  pool.on('connect', (client) => client.on('error', () => {}));

  async function withClient<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let usable = false;
    try {
      const result = await use(client);
      usable = client.getTransactionStatus() === 'I' || (await rolledBack(client));
      return result;
    } catch (error) {
      // Even where nothing is open: an error may have been the connection's last word.
      usable = await rolledBack(client);
      throw error;
    } finally {
      client.release(!usable);
    }
  }

  return {
    query: (query) =>
      withClient(async (client) => {
        assertSendable(query);
        const result = await run(client, query);
        await clean(client, [query]);
        return result;
      }),

    transaction: (queries, transactionOptions) =>
      withClient(async (client) => {
        const connection = {
          run: (...sent: readonly Query[]) => runAtOnce(client, sent),
          isInTransaction: () => client.getTransactionStatus() === 'T',
        };
        const results = await runTransaction(connection, queries, transactionOptions);
        await clean(client, queries);
        return results;
      }),

    session: (use) =>
      withClient(async (client) => {
        try {
          return await use({
            query: async (text) => ({ rows: (await client.query(text)).rows }),
            exec: async (script) => void (await client.query(script)),
          });
        } finally {
          if (await rolledBack(client)) await client.query('discard all');
        }
      }),

    close: () => pool.end(),
  };
}

function addressOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || '5432'}${pathname}`;
}

function reasonOf(error: unknown): string {
  // A name with several addresses gives one error for each of them, in an error without a message of its own.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error ? first.message : String(first);
}

/** Sends statements of a transaction at once: one round trip, however many. What stands behind a failure fails too. */
async function runAtOnce(client: pg.PoolClient, queries: readonly Query[]): Promise<QueryResult[]> {
  const results = queries.map((query) => run(client, query));
  const answers = await Promise.allSettled(results);
  const failure = answers.find(({ status }) => status === 'rejected');
  if (failure) throw (failure as PromiseRejectedResult).reason;
  return Promise.all(results);
}

async function run(client: pg.PoolClient, query: Query): Promise<QueryResult> {
  const statement: pg.QueryArrayConfig & { queryMode: 'extended' } = {
    text: query.text,
    values: [...query.params],
    rowMode: 'array',
    // Otherwise a text without parameters might hold several statements, which Neon refuses.
    queryMode: 'extended',
  };
  const { command, rowCount, fields, rows } = await client.query(statement);
  return { command: command ?? '', rowCount, fields: fields.map(toField), rows };
}

/** Ends a transaction that is open; `false` when the connection can't be used any more. */
function rolledBack(client: pg.PoolClient): Promise<boolean> {
  return client.query('rollback').then(
    () => true,
    () => false,
  );
}

async function clean(client: pg.PoolClient, queries: readonly Query[]): Promise<void> {
  if (!queries.some(changesTheSession)) return;
  await client.query('rollback');
  await client.query('discard all');
}

function toField({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier }: pg.FieldDef): Field {
  return { name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format: 'text' };
}
