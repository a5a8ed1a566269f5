import * as z from 'zod';
import { type Keys, open, seal } from '../../shared/channels/secretBox.ts';
import { secretOwner } from '../../shared/channels/webhook.ts';
import type { SqlEngine } from '../local/postgres/engine.ts';

/** Webhooks that are read at once. */
const PAGE = 500;

/** What became of the webhooks that were found. */
export interface Resealed {
  /** How many got a secret that is encrypted with the first key. */
  resealed: number;
  /** Ids of those that none of the keys decrypts. */
  unreadable: string[];
}

/**
 * Encrypts with the first key what of webhooks' secrets was encrypted with another one, a page at a time. The system may
 * go on: a secret that is rotated meanwhile stays as it was made. Where it is broken off, it can be run again.
 */
export async function resealWebhooks(
  engine: SqlEngine,
  keys: Keys,
  onProgress: (seen: number) => void,
): Promise<Resealed> {
  const unreadable: string[] = [];
  let [seen, resealed] = [0, 0];
  let page = await webhooksAfter(engine, null);
  while (page.length > 0) {
    const changes: Change[] = [];
    for (const row of page) {
      const change = changeOf(row, keys);
      if (change === 'unreadable') unreadable.push(row.id);
      else if (change) changes.push(change);
    }
    resealed += await write(engine, changes);
    seen += page.length;
    onProgress(seen);
    page = await webhooksAfter(engine, page.at(-1)?.id ?? null);
  }
  return { resealed, unreadable };
}

/** A webhook's secrets, encrypted, as hexadecimal digits. */
const rowSchema = z
  .tuple([z.string(), z.string(), z.string(), z.string().nullable()])
  .transform(([id, userId, secret, previous]) => ({ id, userId, secret, previous }));

type Row = z.output<typeof rowSchema>;

/** A row before, and its secrets as they are to be. */
type Change = Row & { newSecret: string; newPrevious: string | null };

async function webhooksAfter(engine: SqlEngine, id: string | null): Promise<Row[]> {
  const { rows } = await engine.query({
    text: `select id, user_id, encode(secret, 'hex'), encode(previous_secret, 'hex') from webhooks
           where $1::uuid is null or id > $1 order by id limit ${PAGE}`,
    params: [id],
  });
  return z.array(rowSchema).parse(rows);
}

function changeOf(row: Row, keys: Keys): Change | 'unreadable' | undefined {
  const owner = secretOwner(row.userId, row.id);
  const newSecret = resealed(row.secret, keys, owner);
  const newPrevious = row.previous === null ? null : resealed(row.previous, keys, owner);
  if (newSecret === undefined || newPrevious === undefined) return 'unreadable';
  if (newSecret === row.secret && newPrevious === row.previous) return undefined;
  return { ...row, newSecret, newPrevious };
}

/** The secret under the first key; as it is where it was under that; undefined where none of the keys decrypts it. */
function resealed(sealed: string, keys: Keys, owner: string): string | undefined {
  const bytes = Buffer.from(sealed, 'hex');
  const readWith = (some: Keys) => {
    try {
      return open(bytes, some, owner);
    } catch {
      return undefined;
    }
  };
  if (readWith([keys[0]]) !== undefined) return sealed;
  const secret = readWith(keys);
  return secret === undefined ? undefined : seal(secret, keys, owner).toString('hex');
}

/** Resolves to how many rows were still as they had been read. */
async function write(engine: SqlEngine, changes: readonly Change[]): Promise<number> {
  const { rowCount } = await engine.query({
    text: `update webhooks set secret = decode(new."newSecret", 'hex'), previous_secret = decode(new."newPrevious", 'hex')
           from jsonb_to_recordset($1) as new(id uuid, secret text, previous text, "newSecret" text, "newPrevious" text)
           where webhooks.id = new.id and webhooks.secret = decode(new.secret, 'hex')
             and webhooks.previous_secret is not distinct from decode(new.previous, 'hex')`,
    params: [JSON.stringify(changes)],
  });
  return rowCount ?? 0;
}
