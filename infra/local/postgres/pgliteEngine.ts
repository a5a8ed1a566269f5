import { type messages, type PGlite, protocol } from '@electric-sql/pglite';
import { beginStatement, type Field, parseCommandTag, type Query, type QueryResult, type SqlEngine } from './engine.ts';
import type { PostgresError } from './postgresError.ts';
import { assertOneTransaction, assertSendable, changesTheSession, endsItsTransaction } from './statement.ts';

const { serialize } = protocol;

type Message = Awaited<ReturnType<PGlite['execProtocolStream']>>[number];

/**
 * A `SqlEngine` on a PGlite instance, which must have no other user. PGlite is one connection on the process's own
 * thread, so its users take turns, and a statement holds up the whole process while it runs.
 *
 * The wire protocol is used directly: it takes parameters and gives values as text for every type, where PGlite's
 * `query()` converts both, and a statement is one exchange with the database instead of six.
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

  async function run(query: Query): Promise<QueryResult> {
    assertSendable(query);
    return toResult(
      await exchange(
        Buffer.concat([
          serialize.parse({ text: query.text }),
          serialize.bind({ values: [...query.params] }),
          serialize.describe({ type: 'P' }),
          serialize.execute(),
          serialize.sync(),
        ]),
      ),
    );
  }

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
        try {
          const result = await run(query);
          await rollBackIfOpen();
          await clean([query]);
          return result;
        } finally {
          await rollBackIfOpen();
        }
      }),

    transaction: (queries, options) =>
      pglite.runExclusive(async () => {
        assertOneTransaction(queries);
        const results: QueryResult[] = [];
        await command(beginStatement(options));
        try {
          for (const query of queries) {
            results.push(await run(query));
            if (!pglite.isInTransaction()) throw endsItsTransaction('ending the transaction');
          }
          await command('commit');
        } finally {
          await rollBackIfOpen();
        }
        await clean(queries);
        return results;
      }),

    session: (use) =>
      pglite.runExclusive(async () => {
        try {
          return await use({
            query: async (text) => ({ rows: toRows(toResult(await command(text))) }),
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

function toResult(answer: Message[]): QueryResult {
  const result: QueryResult = { command: '', rowCount: null, fields: [], rows: [] };
  for (const message of answer) {
    if (message.name === 'rowDescription') {
      result.fields = (message as messages.RowDescriptionMessage).fields.map(toField);
    } else if (message.name === 'dataRow') {
      result.rows.push((message as messages.DataRowMessage).fields);
    } else if (message.name === 'commandComplete') {
      Object.assign(result, parseCommandTag((message as messages.CommandCompleteMessage).text));
    }
  }
  return result;
}

function toField({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier }: messages.Field): Field {
  return { name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format: 'text' };
}

function toRows({ fields, rows }: QueryResult): Record<string, string | null>[] {
  return rows.map((row) => Object.fromEntries(fields.map((field, index) => [field.name, row[index] ?? null])));
}
