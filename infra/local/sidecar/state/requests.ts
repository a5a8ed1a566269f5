import * as z from 'zod';
import { badStateOperation, badStateRequest } from '../api/apiError.ts';
import { etagMismatch, type StateChange, StateError } from './store.ts';

const metadataSchema = z.record(z.string(), z.string()).nullish();

const itemSchema = z.object({
  key: z.string().default(''),
  value: z.unknown().optional(),
  etag: z.string().nullish(),
  metadata: metadataSchema,
  options: z.object({ concurrency: z.string(), consistency: z.string() }).partial().nullish(),
});

/** The body of a request to save values. */
export const saveSchema = z
  .array(itemSchema)
  .nullable()
  .transform((items) => items ?? []);

/** The body of a request for several values. */
export const bulkGetSchema = z.object({ keys: z.array(z.string()).nullish() });

/** The body of a transaction. */
export const transactionSchema = z.object({
  operations: z.array(z.object({ operation: z.string(), request: itemSchema })).nullish(),
});

type Item = z.output<typeof itemSchema>;
type Metadata = ReadonlyMap<string, string>;

/** Reads a JSON body. @throws ApiError that says what is wrong with it */
export function parseBody<T>(schema: z.ZodType<T>, body: Buffer | undefined): T {
  if (!body) throw badStateRequest('stream too large');
  const result = schema.safeParse(parseJson(body.toString('utf8')));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badStateRequest(`failed deserializing HTTP body: ${issue?.path.join('.')}: ${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badStateRequest(`failed deserializing HTTP body: ${(error as Error).message}`);
  }
}

/** The change that an item asks for; the request's metadata goes before its own. @throws StateError when it asks for nonsense */
export function saveOf({ key, value, etag, options, ...item }: Item, requested: Metadata): StateChange {
  const { concurrency = '', consistency = '' } = options ?? {};
  if (!['', 'first-write', 'last-write'].includes(concurrency))
    throw new StateError(`unrecognized concurrency model '${concurrency}'`);
  if (!['', 'strong', 'eventual'].includes(consistency))
    throw new StateError(`unrecognized consistency model '${consistency}'`);
  return {
    kind: 'save',
    key,
    value: JSON.stringify(value ?? null),
    etag: checkedEtag(etag),
    firstWrite: concurrency === 'first-write',
    ttlSeconds: parseTtl(requested.get(TTL) ?? item.metadata?.[TTL] ?? ''),
  };
}

/** A deletion, for those with this etag where one is given. @throws StateError when no value can have that etag */
export function deleteOf(key: string, etag: string | null | undefined): StateChange {
  return { kind: 'delete', key, etag: checkedEtag(etag) };
}

/** The change that an operation of a transaction asks for. @throws ApiError, StateError */
export function changeOf(
  { operation, request }: { operation: string; request: Item },
  requested: Metadata,
): StateChange {
  if (operation === 'upsert') return saveOf(request, requested);
  if (operation === 'delete') return deleteOf(request.key, request.etag);
  throw badStateOperation(operation);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function checkedEtag(etag: string | null | undefined): string | undefined {
  if (etag && !UUID.test(etag)) throw etagMismatch('invalid UUID');
  return etag || undefined;
}

const TTL = 'ttlInSeconds';
/** Seconds are 32 bits wide in Dapr. */
const MAX_TTL_SECONDS = 2 ** 31 - 1;

function parseTtl(text: string): number | undefined {
  if (text === '') return undefined;
  const refused = (reason: string) =>
    new StateError(`error parsing TTL: incorrect value for metadata '${TTL}': ${reason}`);
  if (!/^[+-]?\d+$/.test(text)) throw refused(`parsing "${text}": invalid syntax`);
  const seconds = Number(text);
  if (seconds < -1 || seconds > MAX_TTL_SECONDS) throw refused('must be -1 or greater');
  return seconds > 0 ? seconds : undefined;
}
