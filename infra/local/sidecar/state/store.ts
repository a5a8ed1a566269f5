import type { Query, SqlEngine } from '../../postgres/engine.ts';
import { isPostgresError } from '../../postgres/postgresError.ts';
import type { StateComponent } from '../resources/stateComponent.ts';

/** What is kept under a key. */
export interface StoredValue {
  key: string;
  /** JSON, as it was saved. */
  value: string;
  etag: string;
  /** RFC 3339, in UTC and whole seconds; undefined: it does not expire. */
  expiresAt: string | undefined;
}

/** A change of the value of one key. With an `etag` it is made only where the value still has that one. */
export type StateChange =
  | { kind: 'delete'; key: string; etag: string | undefined }
  | {
      kind: 'save';
      key: string;
      value: string;
      etag: string | undefined;
      /** Without an etag: only where there is no value yet. */
      firstWrite: boolean;
      /** Undefined: it does not expire. */
      ttlSeconds: number | undefined;
    };

/** A change was not made, in Dapr's words. */
export class StateError extends Error {
  override name = 'StateError';
  /** The value no longer has the given etag, or there is none. */
  readonly etagMismatch: boolean;

  constructor(message: string, etagMismatch = false) {
    super(message);
    this.etagMismatch = etagMismatch;
  }
}

/** State in a table of Postgres, as Dapr's `state.postgresql` v2 keeps it. Keys are stored keys. */
export interface StateStore {
  /** The values that there are under these keys and that are not expired. */
  read(keys: readonly string[]): Promise<StoredValue[]>;
  /** Makes all changes or, when one can't be made, none. @throws StateError, PostgresError */
  change(changes: readonly StateChange[]): Promise<void>;
  /** Removes what has expired. */
  clean(): Promise<void>;
}

/** Opens a store, and makes its table where there is none; it has the columns that daprd gives it. */
export async function openStateStore(engine: SqlEngine, { table }: StateComponent): Promise<StateStore> {
  await engine.query({
    text: `create table if not exists ${table} (
      key text not null primary key,
      value bytea not null,
      etag uuid not null default gen_random_uuid(),
      created_at timestamptz not null default now(),
      updated_at timestamptz,
      expires_at timestamptz
    )`,
    params: [],
  });
  return {
    async read(keys) {
      const { rows } = await engine.query(selectValues(table, keys));
      return rows.map(([key, value, etag, expiresAt]) => ({
        key: key ?? '',
        value: Buffer.from((value ?? '').replace('\\x', ''), 'hex').toString('utf8'),
        etag: etag ?? '',
        expiresAt: expiresAt ?? undefined,
      }));
    },
    async change(changes) {
      const queries = changes.map((each) => (each.kind === 'save' ? save(table, each) : remove(table, each)));
      await engine.transaction(queries).catch((error: unknown) => {
        throw isPostgresError(error) && error.code === NOTHING_CHANGED ? refusal(changes) : error;
      });
    },
    async clean() {
      await engine.query({ text: `delete from ${table} where expires_at < now()`, params: [] });
    },
  };
}

const IS_CURRENT = '(expires_at is null or expires_at >= now())';

/** The SQLSTATE of a division by zero: with it a statement that changed nothing rolls the transaction back. */
const NOTHING_CHANGED = '22012';
const changedOne = (statement: string) => `with changed as (${statement} returning 1) select 1 / count(*) from changed`;

function selectValues(table: string, keys: readonly string[]): Query {
  const expiresAt = `to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
  return {
    text: `select key, value, etag, ${expiresAt} from ${table}
      where key in (select jsonb_array_elements_text($1::jsonb)) and ${IS_CURRENT}`,
    params: [JSON.stringify(keys)],
  };
}

function save(table: string, { key, value, etag, firstWrite, ttlSeconds }: StateChange & { kind: 'save' }): Query {
  const values = [key, value, ttlSeconds === undefined ? null : String(ttlSeconds)];
  const [newValue, newExpiry] = [`convert_to($2, 'UTF8')`, `now() + $3::int * interval '1 second'`];
  const renewed = `value = ${newValue}, updated_at = now(), etag = gen_random_uuid(), expires_at = ${newExpiry}`;
  if (etag !== undefined) {
    const update = `update ${table} set ${renewed} where key = $1 and etag = $4::uuid and ${IS_CURRENT}`;
    return { text: changedOne(update), params: [...values, etag] };
  }
  const insert = `insert into ${table} as stored (key, value, expires_at) values ($1, ${newValue}, ${newExpiry})
    on conflict (key) do update set ${renewed}`;
  // What has expired and is not cleaned away yet counts as absent.
  return { text: changedOne(firstWrite ? `${insert} where stored.expires_at < now()` : insert), params: values };
}

function remove(table: string, { key, etag }: StateChange & { kind: 'delete' }): Query {
  if (etag === undefined) return { text: `delete from ${table} where key = $1`, params: [key] };
  return { text: changedOne(`delete from ${table} where key = $1 and etag = $2::uuid`), params: [key, etag] };
}

/** In a transaction of both kinds it can't be told which of its changes it was. */
function refusal(changes: readonly StateChange[]): StateError {
  return changes.some(({ etag }) => etag !== undefined) ? etagMismatch() : new StateError('no item was updated');
}

/** The value has another etag than the given one, or could never have that one. */
export function etagMismatch(reason?: string): StateError {
  const message = 'possible etag mismatch. error from state store';
  return new StateError(reason ? `${message}: ${reason}` : message, true);
}
