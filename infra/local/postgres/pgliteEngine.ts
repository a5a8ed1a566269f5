import { type messages, type PGlite, protocol } from '@electric-sql/pglite';
import { type Field, parseCommandTag, type Query, type QueryResult, type SqlEngine } from './engine.ts';
import type { PostgresError } from './postgresError.ts';
import { assertSendable, changesTheSession } from './statement.ts';
import { runTransaction } from './transaction.ts';

const { serialize } = protocol;

type Message = Awaited<ReturnType<PGlite['execProtocolStream']>>[number];

/**
 * A `SqlEngine` on a PGlite instance, which must have no other user. PGlite is one connection on the process's own
 * thread, so its users take turns, and a transaction holds up the whole process while it runs.
 *
 * The wire protocol is used directly: it takes parameters and gives values as text for every type, where PGlite's
 * `query()` converts both, and a transaction is one exchange with the database instead of six for each statement.
 */
export function pgliteEngine(pglite: PGlite): SqlEngine {
  let crash: Error | undefined;

  async function exchange(message: Uint8Array): Promise<Message[]> {
    if (crash) throw crash;
    if (!pglite.ready) throw new Error('the embedded Postgres is closed');
    let answer: Message[];
    try {
      // Writes reach the file system as they happen; the sync is for PGlite's browser storage.
      answer = await pglite.execProtocolStream(message, { throwOnError: false, syncToFs: false });
    } catch (error) {
      crash = crashed(String(error));
      throw crash;
    }
    if (answer.at(-1)?.name !== 'readyForQuery') {
      const panic = answer.find((each) => each.name === 'error') as PostgresError | undefined;
      crash = crashed(panic?.message ?? 'no reason given');
      throw crash;
    }
    const refusal = answer.find((each) => each.name === 'error');
    if (refusal) throw refusal;
    return answer;
  }

  /** Runs statements in one exchange; what stands behind one that fails is not run. */
  const run = async (...queries: readonly Query[]) =>
    toResults(await exchange(Buffer.concat([...queries.flatMap(toMessages), serialize.sync()])));

  const usable = () => !crash && pglite.ready;

  const command = (script: string) => exchange(serialize.query(script));

  async function rollBackIfOpen(): Promise<void> {
    if (usable() && pglite.isInTransaction()) await command('rollback');
  }

  async function clean(queries: readonly Query[]): Promise<void> {
    if (queries.some(changesTheSession)) await command('discard all');
  }

  return {
    query: (query) =>
      pglite.runExclusive(async () => {
        assertSendable(query);
        try {
          const [result] = (await run(query)) as [QueryResult];
          await rollBackIfOpen();
          await clean([query]);
          return result;
        } finally {
          await rollBackIfOpen();
        }
      }),

    transaction: (queries, options) =>
      pglite.runExclusive(async () => {
        try {
          const results = await runTransaction(
            { run, isInTransaction: () => pglite.isInTransaction() },
            queries,
            options,
          );
          await clean(queries);
          return results;
        } finally {
          await rollBackIfOpen();
        }
      }),

    session: (use) =>
      pglite.runExclusive(async () => {
        try {
          return await use({
            query: async (text) => ({ rows: toRows(toResults(await command(text)).at(-1) ?? emptyResult()) }),
            exec: async (script) => void (await command(script)),
          });
        } finally {
          await rollBackIfOpen();
          if (usable()) await command('discard all');
        }
      }),

    close: () => pglite.close(),
  };
}

function crashed(reason: string): Error {
  return new Error(`the embedded Postgres has crashed and must be started again: ${reason}`);
}

function toMessages({ text, params }: Query): Uint8Array[] {
  return [
    serialize.parse({ text }),
    serialize.bind({ values: [...params] }),
    serialize.describe({ type: 'P' }),
    serialize.execute(),
  ];
}

/** The result of each statement that was run. */
function toResults(answer: readonly Message[]): QueryResult[] {
  const results: QueryResult[] = [];
  let result = emptyResult();
  for (const message of answer) {
    if (message.name === 'rowDescription') {
      result.fields = (message as messages.RowDescriptionMessage).fields.map(toField);
    } else if (message.name === 'dataRow') {
      result.rows.push((message as messages.DataRowMessage).fields);
    } else if (message.name === 'commandComplete' || message.name === 'emptyQuery') {
      if ('text' in message) Object.assign(result, parseCommandTag((message as messages.CommandCompleteMessage).text));
      results.push(result);
      result = emptyResult();
    }
  }
  return results;
}

function emptyResult(): QueryResult {
  return { command: '', rowCount: null, fields: [], rows: [] };
}

function toField({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier }: messages.Field): Field {
  return { name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format: 'text' };
}

function toRows({ fields, rows }: QueryResult): Record<string, string | null>[] {
  return rows.map((row) => Object.fromEntries(fields.map((field, index) => [field.name, row[index] ?? null])));
}
