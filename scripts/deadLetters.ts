import { parseArgs } from 'node:util';
import * as z from 'zod';
import { issuerUrl, signToken } from '../infra/local/issuer.ts';
import { localSecrets } from '../infra/local/secrets.ts';
import { readSettings } from '../infra/local/settings.ts';
import { type DeadLetterSummary, deadLetterSchema } from '../shared/domain/deadLetter.ts';

const help = `Lists, shows and replays what no function could take.

usage: npm run -s dead-letters -- list [--all]         those that wait, newest first; with --all also the replayed ones
       npm run -s dead-letters -- show ID              one of them with its payload
       npm run -s dead-letters -- replay ID…           publishes their events again
       npm run -s dead-letters -- replay --all         the same for each that waits, oldest first

  --api URL        the API, else API_URL, else the local platform (API_PORT)
  --token TOKEN    a token with the scope admin, else API_TOKEN, else one of the local platform's issuer (DATA_DIR)

To replay is safe to repeat: an event that took effect has none when it comes again. Exits with 1 when a letter could not
be replayed, or anything else failed.`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    all: { type: 'boolean' },
    api: { type: 'string' },
    token: { type: 'string' },
  },
  allowPositionals: true,
});
const [command, ...ids] = positionals;

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  if (command === 'list' && ids.length === 0) return list();
  if (command === 'show' && ids.length === 1) return show(ids[0] as string);
  if (command === 'replay' && ids.length > 0 !== (values.all ?? false)) return replay();
  console.error(help);
  process.exitCode = 1;
}

async function list(): Promise<void> {
  const call = await adminApi();
  let count = 0;
  for await (const letter of letters(call, values.all ? '' : '&status=waiting')) {
    if (count === 0) print(row('LETTER', 'SINCE (UTC)', 'STATUS', 'CAME', 'EVENT', 'USER'));
    const { id, createdAt, status, timesReceived, eventType, topic, userId, reason } = letter;
    const since = createdAt.slice(0, 19).replace('T', ' ');
    print(row(id, since, status, `${timesReceived}×`, eventType ?? `? in ${topic}`, userId ?? '?'));
    print(`    ${reason}`);
    count += 1;
  }
  print(count === 0 ? 'There are none.' : `\n${count} dead ${count === 1 ? 'letter' : 'letters'}`);
}

function row(id: string, since: string, status: string, came: string, event: string, user: string): string {
  return `${id.padEnd(36)}  ${since.padEnd(19)}  ${status.padEnd(8)}  ${came.padStart(4)}  ${event.padEnd(17)}  ${user}`;
}

async function show(id: string): Promise<void> {
  const call = await adminApi();
  const { payload, ...letter } = await call('GET', `/${encodeURIComponent(id)}`, shownSchema);
  for (const [name, value] of Object.entries(letter)) {
    if (value !== null && !Array.isArray(value)) print(`${name.padEnd(15)} ${value}`);
  }
  print(`\n${payload === null ? 'The payload was too large to be kept.' : formatted(Buffer.from(payload, 'base64'))}`);
}

async function replay(): Promise<void> {
  const call = await adminApi();
  let refused = 0;
  for (const id of values.all ? await waitingIds(call) : ids) {
    try {
      await call('POST', `/${encodeURIComponent(id)}/replay`, deadLetterSchema);
      print(`${id}  replayed`);
    } catch (error) {
      // What is wrong with one letter says nothing of the next; a broker or an API that is away does.
      if (!(error instanceof Refusal)) throw error;
      print(`${id}  ${error.message}`);
      refused += 1;
    }
  }
  if (refused > 0) process.exitCode = 1;
}

/** Oldest first: the order in which they failed is the nearest to that in which they were written. */
async function waitingIds(call: Call): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of letters(call, '&status=waiting')) ids.push(id);
  return ids.reverse();
}

const shownSchema = z.object({ ...deadLetterSchema.shape, payload: z.string().nullable() });
const pageSchema = z.object({ items: z.array(deadLetterSchema), next: z.string().nullable() });

async function* letters(call: Call, query: string): AsyncGenerator<DeadLetterSummary> {
  let cursor: string | null = null;
  do {
    const page: z.output<typeof pageSchema> = await call(
      'GET',
      `?limit=100${query}${cursor === null ? '' : `&cursor=${cursor}`}`,
      pageSchema,
    );
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}

function formatted(payload: Buffer): string {
  try {
    return JSON.stringify(JSON.parse(payload.toString()), null, 2);
  } catch {
    return payload.toString();
  }
}

/** Prints a line of what came from outside, and could hold what a terminal takes for a command. */
function print(line: string): void {
  console.log(line.replace(/(?!\n)\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`));
}

/** The API understood, and does not do it for this letter. */
class Refusal extends Error {}

type Call = <T>(method: string, path: string, schema: z.core.$ZodType<T>) => Promise<T>;

async function adminApi(): Promise<Call> {
  const settings = readSettings(process.env);
  const given = values.api ?? process.env.API_URL;
  const api = given ?? `http://127.0.0.1:${settings.API_PORT}`;
  const token = values.token ?? process.env.API_TOKEN ?? (await localToken(given, settings));

  return async (method, path, schema) => {
    const response = await fetch(`${api}/admin/dead-letters${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    }).catch((cause) => {
      throw new Error(`${api} cannot be reached. Is it running ("npm start"), or is it elsewhere (--api)?`, { cause });
    });
    const answer: unknown = await response.json().catch(() => ({ title: 'the answer is not JSON' }));
    if (response.ok) return z.parse(schema, answer);
    const { detail, title } = problemSchema.parse(answer);
    const message = detail ?? title;
    throw [404, 422].includes(response.status) ? new Refusal(message) : new Error(`${response.status}: ${message}`);
  };
}

const problemSchema = z.object({ title: z.string(), detail: z.string().optional() });

async function localToken(api: string | undefined, { DATA_DIR, ISSUER_PORT }: ReturnType<typeof readSettings>) {
  if (api !== undefined) throw new Error(`${api} wants a token with the scope admin: give it by --token or API_TOKEN`);
  return signToken(await localSecrets(DATA_DIR), issuerUrl(ISSUER_PORT), 'administrator', 'admin');
}
