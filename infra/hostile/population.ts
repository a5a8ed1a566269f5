import { catalogue, deadLetterTopic } from '../../shared/events/catalogue.ts';
import type { HttpFunction } from '../../shared/runtime/defineFunction.ts';
import { isHttp } from '../../shared/runtime/defineFunction.ts';
import { loadFunctions } from '../functions.ts';
import type { TestApp, TestPlatform } from '../testing/testApp.ts';
import { makeTokens, type Tokens } from './tokens.ts';
import { usersTables } from './usersTables.ts';

/** Who sends the requests, and whose data must never come back. */
export const ATTACKER = 'mallory';
export const VICTIM = 'victor';
/** Stands in every text of the victim's. */
export const MARKER = 'victors-own-secret';

const TASKS_PER_USER = 12;
/** As many times as there are other texts that could be a key, so that every other request to a calendar has one. */
const KEY_WEIGHT = 40;

/** What there is when the requests begin. */
export interface Population {
  functions: HttpFunction[];
  /** Ids by the part of the address that stands before them (`tasks`, `dead-letters`), those of one task in its place. */
  own: Record<string, string[]>;
  foreignIds: string[];
  /** Cursors that lists gave, to both users. */
  cursors: string[];
  tokens: Tokens;
}

/** Gives two users tasks, notifications and cursors, through the functions themselves, and keeps a few dead letters. */
export async function populate(platform: TestPlatform): Promise<Population> {
  const all = await loadFunctions();
  const functions = all.filter(isHttp);
  const named = (name: string) => {
    const found = all.find((definition) => definition.name === name);
    if (!found) throw new Error(`there is no function "${name}"`);
    return platform.app(found, 'admin');
  };
  for (const [user, text] of [
    [ATTACKER, 'Pay rent'],
    [VICTIM, MARKER],
  ] as const) {
    for (let index = 0; index < TASKS_PER_USER; index += 1) {
      await named('createTask').call(user, '/tasks', taskOf(`${text} ${index}`, text, index), {
        'idempotency-key': `key-${index}`,
      });
    }
  }
  const [key] = await Promise.all([ATTACKER, VICTIM].map((user) => keyOf(named('createCalendarAddress'), user)));
  for (const [user, text] of [
    [ATTACKER, 'mine'],
    [VICTIM, MARKER],
  ] as const) {
    const address = `${text}@example.org`;
    await named('updatePreferences').call(user, '/preferences', { email: { address } });
    for (const url of [`http://127.0.0.1:9/${text}`, `https://hooks.example.org/${text}`]) {
      await named('createWebhook').call(user, '/webhooks', { url, description: text });
    }
  }
  await platform.database.query(
    `insert into notifications (id, user_id, task_id, kind, message, created_at)
     select event_id, user_id, task_id, event_type, data ->> 'title', occurred_at from outbox
     where event_type <> 'delivery.due'`,
  );
  for (const letter of [JSON.stringify(platform.published[0]), 'no event']) {
    await named('onDeadLetter').deliverDeadLetter(deadLetterTopic(catalogue['task.created'].topic), letter, 'key');
  }
  platform.published.length = 0;
  const idsOf = async (user: string): Promise<Record<string, string[]>> => {
    const ids: Record<string, string[]> = {};
    for (const table of await usersTables(platform.database)) {
      const text = `select * from ${table} t where user_id = $1 order by coalesce(to_jsonb(t) ->> 'task_id', to_jsonb(t) ->> 'id')`;
      const rows = await platform.database.query<{ id?: string }>(text, [user]);
      ids[table.replaceAll('_', '-')] = rows.flatMap(({ id }) => id ?? []);
    }
    return ids;
  };
  const letters = await platform.database.query<{ id: string }>('select id from dead_letters order by id');
  return {
    functions,
    own: {
      ...(await idsOf(ATTACKER)),
      'dead-letters': letters.map(({ id }) => id),
      'calendar.ics': Array<string>(KEY_WEIGHT).fill(key ?? ''),
    },
    foreignIds: Object.values(await idsOf(VICTIM)).flat(),
    cursors: await cursorsOf(platform, functions),
    tokens: await makeTokens(platform, ATTACKER, VICTIM),
  };
}

/** The key of a new address of a user's calendar. */
async function keyOf(app: TestApp, user: string): Promise<string> {
  const { body } = await app.call<{ url: string }>(user, '/calendar-addresses', {
    name: user === VICTIM ? MARKER : 'Phone',
  });
  return body.url.split('=')[1] ?? '';
}

function taskOf(title: string, text: string, index: number) {
  return {
    ...{ title, description: text, tags: [text], due: { date: '2026-12-01', timeZone: 'Europe/Madrid' } },
    reminders: [{ before: 'P1D' }],
    ...(index % 4 === 0 && { recurrence: { rule: 'FREQ=DAILY' } }),
  };
}

async function cursorsOf(platform: TestPlatform, functions: readonly HttpFunction[]): Promise<string[]> {
  const lists = functions.filter(
    ({ trigger, input }) => /^GET [^:]*$/.test(trigger.http) && input?.query?._zod.def.shape.limit,
  );
  const cursors: string[] = [];
  for (const definition of lists) {
    const path = definition.trigger.http.split(' ')[1] ?? '';
    for (const user of [ATTACKER, VICTIM]) {
      const { body } = await platform.app(definition, 'admin').call<{ next?: string }>(user, `${path}?limit=1`);
      if (body.next) cursors.push(body.next);
    }
  }
  return cursors;
}
