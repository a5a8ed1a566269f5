import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { HttpFunction } from '../../shared/runtime/defineFunction.ts';
import { statusOf } from '../../shared/runtime/problem.ts';
import type { TestDatabase } from '../testing/database.ts';
import { MARKER, VICTIM } from './population.ts';
import type { HostileRequest } from './request.ts';
import { usersTables } from './usersTables.ts';

const statuses = new Map<unknown, number>(
  Object.entries(statusOf).map(([code, status]) => [`urn:evolution-todo:problem:${code.replaceAll('_', '-')}`, status]),
);

/** What an answer breaks of what is promised of every answer. */
export function brokenPromises(
  definition: HttpFunction,
  { forged, method }: HostileRequest,
  answer: Response,
  text: string,
): string[] {
  const { status, headers } = answer;
  const all = text + JSON.stringify([...headers]);
  const broken: string[] = [];
  if (status >= 500) broken.push(`answered ${status}`);
  if (all.includes(MARKER)) broken.push("showed another user's data");
  if (forged && status < 400 && !definition.public) broken.push('took a forged token');
  if (method === 'HEAD' && text) broken.push('answered HEAD with a body');
  if (method === 'HEAD' || status === 304 || status >= 500) return broken;
  const body = parsed(text);
  if (status >= 400) {
    const { type, status: told } = (body ?? {}) as { type?: unknown; status?: unknown };
    const known = statuses.get(type) === status && told === status;
    if (!known || headers.get('content-type') !== 'application/problem+json')
      broken.push(`${status} without its problem`);
    return broken;
  }
  const answered = definition.output.contentType ? text : body;
  const read = z.safeParse(definition.output.body, answered);
  if (status !== definition.output.status) broken.push(`succeeded with ${status}`);
  if (!read.success || !isDeepStrictEqual(read.data, answered))
    broken.push('answered what its definition does not allow');
  return broken;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A state of all that requests can change, cheap enough to be taken often: how many rows each table has, and which
 * transactions wrote them.
 */
export async function fingerprint(database: TestDatabase): Promise<string> {
  const tables = [...(await usersTables(database)), 'dead_letters'];
  const states = tables.map((table) => `select count(*), sum(xmin::text::numeric) from ${table}`);
  return JSON.stringify(await database.query(states.join(' union all ')));
}

/** A checksum of every row of the victim's. */
export async function victimsRows(database: TestDatabase): Promise<string> {
  const sums = (await usersTables(database)).map(
    (table) => `select md5(string_agg(t::text, '|' order by t::text)) as sum from ${table} t where user_id = $1`,
  );
  return JSON.stringify(await database.query(sums.join(' union all '), [VICTIM]));
}

/** What of the database's invariants does not hold. */
export async function brokenInvariants({ query }: TestDatabase): Promise<string[]> {
  const checks = {
    'tasks without exactly one task.created': `select id from tasks t where 1 <>
      (select count(*) from outbox o where o.task_id = t.id and o.event_type = 'task.created')`,
    'events without a task': `select event_id from outbox o where event_type <> 'delivery.due'
      and not exists (select from tasks t where t.id = o.task_id)`,
    'events that a delivery is due without it': `select event_id from outbox o where event_type = 'delivery.due'
      and not exists (select from deliveries d where d.id = o.task_id and d.user_id = o.user_id)`,
    "tasks whose last event has not the task's version": `select id from tasks t where version <>
      (select max((o.data ->> 'version')::int) from outbox o where o.task_id = t.id)`,
    'versions told of twice': `select task_id from outbox where event_type <> 'delivery.due'
      group by task_id, data ->> 'version' having count(*) > 1`,
    'reminders of closed or deleted tasks that wait': `select r.id from reminders r join tasks t on t.id = r.task_id
      where r.status = 'pending' and (t.status = 'completed' or t.deleted_at is not null)`,
  };
  const broken: string[] = [];
  for (const [name, text] of Object.entries(checks)) {
    const rows = await query(text);
    if (rows.length > 0) broken.push(`${rows.length} ${name}`);
  }
  if ('polluted' in {}) broken.push('a request changed the prototype of all objects');
  return broken;
}
