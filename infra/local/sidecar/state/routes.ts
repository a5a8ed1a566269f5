import { ApiError, badStateRequest, stateStoreNotFound } from '../api/apiError.ts';
import { MAX_BODY_BYTES, readBody } from '../api/body.ts';
import { type ApiRoute, NO_CONTENT, requestMetadata } from '../api/route.ts';
import { bulkGetSchema, changeOf, deleteOf, parseBody, saveOf, saveSchema, transactionSchema } from './requests.ts';
import { StateError, type StateStore, type StoredValue } from './store.ts';

/** A store under its component's name. */
export interface NamedStateStore extends StateStore {
  name: string;
  /** The key under which the store keeps what the app keeps under `key`. */
  storedKey(key: string): string;
}

/** The routes of state management (https://docs.dapr.io/reference/api/state_api/). */
export function createStateRoutes(stores: readonly NamedStateStore[]): ApiRoute[] {
  function storeOf(name: string): NamedStateStore {
    const store = stores.find((each) => each.name === name);
    if (!store) throw stateStoreNotFound(name, stores.length > 0);
    return store;
  }

  return [
    {
      methods: ['POST', 'PUT'],
      path: /^\/v1\.0\/state\/([^/]+)$/,
      async handle(request, url, [name = '']) {
        const store = storeOf(name);
        const items = parseBody(saveSchema, await readBody(request, MAX_BODY_BYTES));
        if (items.some(({ key }) => key === '')) throw badStateRequest('"key" is a required field');
        const stored = items.map((item) => ({ ...item, key: keyIn(store, item.key) }));
        const metadata = requestMetadata(url);
        const saving = stored.map(async (item) => store.change([saveOf(item, metadata)]));
        await worded('ERR_STATE_SAVE', `failed saving state in state store ${name}`, () => allOf(saving));
        return NO_CONTENT;
      },
    },
    {
      methods: ['POST', 'PUT'],
      path: /^\/v1\.0\/state\/([^/]+)\/bulk$/,
      async handle(request, _url, [name = '']) {
        const store = storeOf(name);
        const { keys } = parseBody(bulkGetSchema, await readBody(request, MAX_BODY_BYTES));
        const byStoredKey = new Map(keys?.map((key) => [keyIn(store, key), key]));
        const found = await worded('ERR_STATE_BULK_GET', `state store ${name}`, () =>
          store.read([...byStoredKey.keys()]),
        );
        const present = found.map((value) => ({ key: byStoredKey.get(value.key), ...describeValue(value) }));
        for (const { key } of found) byStoredKey.delete(key);
        return { status: 200, body: [...present, ...[...byStoredKey.values()].map((key) => ({ key }))] };
      },
    },
    {
      methods: ['POST', 'PUT'],
      path: /^\/v1\.0\/state\/([^/]+)\/transaction$/,
      async handle(request, url, [name = '']) {
        const store = storeOf(name);
        const { operations } = parseBody(transactionSchema, await readBody(request, MAX_BODY_BYTES));
        const metadata = requestMetadata(url);
        await worded('ERR_STATE_TRANSACTION', 'error while executing state transaction', async () => {
          const changes = (operations ?? []).map((operation) => changeOf(operation, metadata));
          await store.change(changes.map((change) => ({ ...change, key: keyIn(store, change.key) })));
        });
        return NO_CONTENT;
      },
    },
    {
      methods: ['GET'],
      path: /^\/v1\.0\/state\/([^/]+)\/([^/]+)$/,
      async handle(_request, _url, [name = '', key = '']) {
        const store = storeOf(name);
        const wording = `fail to get ${key} from state store ${name}`;
        const [found] = await worded('ERR_STATE_GET', wording, () => store.read([keyIn(store, key)]));
        if (!found) return NO_CONTENT;
        const { etag, expiresAt, value } = found;
        const expiry = expiresAt && { 'metadata.ttlExpireTime': expiresAt };
        return { status: 200, headers: { etag, ...expiry, 'content-type': 'application/json' }, body: value };
      },
    },
    {
      methods: ['DELETE'],
      path: /^\/v1\.0\/state\/([^/]+)\/([^/]+)$/,
      async handle(request, _url, [name = '', key = '']) {
        const store = storeOf(name);
        const etag = request.headers['if-match'];
        await worded('ERR_STATE_DELETE', `failed deleting state with key ${key}`, async () =>
          store.change([deleteOf(keyIn(store, key), etag)]),
        );
        return NO_CONTENT;
      },
    },
  ];
}

/** What parts a key from what daprd puts in front of it. */
const SEPARATOR = '||';

function keyIn(store: NamedStateStore, key: string): string {
  if (key.includes(SEPARATOR)) {
    const reason = `input key/keyPrefix '${key}' can't contain '${SEPARATOR}'`;
    throw badStateRequest(`api error: code = InvalidArgument desc = ${reason}`);
  }
  return store.storedKey(key);
}

/** Waits for all, then rejects if one was rejected: with an etag's mismatch where there is one, since that decides the status. */
async function allOf(changes: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(changes);
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  const [first] = errors;
  if (first) throw errors.find(isMismatch) ?? first;
}

function isMismatch(error: unknown): boolean {
  return error instanceof StateError && error.etagMismatch;
}

/** Does something with a store, and words its errors as daprd does. In a transaction a mismatch is an error like others. */
async function worded<T>(errorCode: string, wording: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const status = isMismatch(error) && errorCode !== 'ERR_STATE_TRANSACTION' ? 409 : 500;
    throw new ApiError(status, errorCode, `${wording}: ${(error as Error).message}`);
  }
}

function describeValue({ value, etag, expiresAt }: StoredValue): object {
  return { data: JSON.parse(value) as unknown, etag, ...(expiresAt && { metadata: { ttlExpireTime: expiresAt } }) };
}
