import type { FeedCursor } from '../../shared/domain/changeFeed.ts';
import { taskListSchema } from '../../shared/domain/taskList.ts';
import { selectChanges } from '../../shared/store/changes.ts';
import { connect, readAs, type Sql, type Statement } from '../../shared/store/database.ts';
import { selectTaskList } from '../../shared/store/taskList.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { alternate } from './alternate.ts';
import { type Figure, row } from './figure.ts';
import { backendsComputing, withServer } from './server.ts';
import { summarise } from './statistics.ts';

const FULL = { tasks: 1_000_000, users: 100_000 };
const SHORT = { tasks: 5000, users: 500 };
/** A page of 50 and one row more, by which a function knows whether there is another. */
const LIMIT = 51;
/** Pages of one run: of as many users, where there are. */
const PAGES = 20;
const MOST_RUNS = 9;
const NOW = new Date('2026-11-28T12:00:00Z');

/** What a task is made of, but for its reminders. */
const ROW = `id, title, description, priority, tags, status, due_local, due_time_zone, due_floating, due_at, series_id,
  occurrence_local, version, created_at, updated_at, completed_at, deleted_at`;

/** A page: by the product's statement, and columns of it by one that is written for it. */
interface Page {
  name: string;
  statement(sql: Sql, user: string): Statement;
  /** The columns that an index-only scan gives. */
  keys: string;
  byHand(sql: Sql, user: string, columns: string): Statement;
}

/** A user's place half way through their tasks. */
interface Middle {
  createdAt: string;
  id: string;
  change: FeedCursor['position'];
}

/** Whether a page costs what is on it, and not what its user has, or all users together have. */
export const pagesFigure: Figure = {
  name: 'pages',
  summary:
    'a page of a list and of the change feed of 1 million tasks, beside an index-only scan of its keys, and its rows by hand',
  async measure({ runs: wanted, short, onProgress, signal }) {
    const { tasks, users } = short ? SHORT : FULL;
    const runs = Math.min(wanted, MOST_RUNS);
    return withServer(async (serverUrl) => {
      const database = await testDatabase({ serverUrl });
      try {
        const sql = connect(database);
        onProgress(`writing ${tasks} tasks of one user, and ${tasks} of ${users} users`);
        await fill(database, { tasks, users: 1, prefix: 'one' });
        signal.throwIfAborted();
        await fill(database, { tasks, users, prefix: 'many' });
        await database.query('vacuum analyze');
        const ofUsers = [
          { whose: 'one user', user: () => 'one-0', middle: await middleOf(database, 'one-0', tasks / 2) },
          {
            whose: `${users} users`,
            user: (page: number) => `many-${(page * 7919) % users}`,
            middle: await middleOf(database, 'many-0', Math.floor(tasks / users / 2)),
          },
        ].map((each) => ({ ...each, pages: pagesBehind(each.middle) }));

        const contenders = ofUsers.flatMap(({ whose, user, pages }) =>
          pages.flatMap((page) =>
            Object.entries(waysToRead(sql, page)).map(([way, statement]) => ({
              name: [page.name, whose, way].join(),
              run: () => reading(database, (index) => readAs(sql, { userId: user(index) })(statement(user(index)))),
            })),
          ),
        );
        const measured = await alternate(contenders, { runs, onProgress, signal });
        return ofUsers.flatMap(({ whose, pages }) =>
          pages.flatMap(({ name }) =>
            (['wall', 'computing'] as const).flatMap((time) => {
              const of = (way: keyof ReturnType<typeof waysToRead>) =>
                summarise((measured.get([name, whose, way].join()) ?? []).map((run) => run[time]));
              const subject = `${name}, ${tasks} tasks of ${whose}${time === 'wall' ? '' : ": Postgres's computing"}`;
              const goal = time === 'wall' ? 1.5 : null;
              const page = { unit: 'ms' as const, measured: of('statement') };
              return [
                row(subject, { ...page, yardstick: of('keys'), goal }),
                row(`${subject}, beside whole rows by hand`, { ...page, yardstick: of('rows') }),
              ];
            }),
          ),
        );
      } finally {
        await database.close();
      }
    });
  },
};

/** The product's statement of a page, and what it is measured beside: the keys alone, and whole rows without reminders. */
function waysToRead(sql: Sql, { statement, byHand, keys }: Page) {
  return {
    statement: (user: string) => statement(sql, user),
    keys: (user: string) => byHand(sql, user, keys),
    rows: (user: string) => byHand(sql, user, ROW),
  };
}

function pagesBehind({ createdAt, id, change }: Middle): Page[] {
  const list = (query: object) => taskListSchema.parse(query);
  const first = { limit: LIMIT, after: null, now: NOW };
  return [
    {
      name: 'newest first',
      statement: (sql, user) => selectTaskList(sql, user, list({}), first),
      keys: 'created_at, id',
      byHand: (sql, user, columns) => sql`
        select ${sql.unsafe(columns)} from tasks where user_id = ${user} and deleted_at is null
        order by created_at desc, id desc limit ${LIMIT}`,
    },
    {
      name: 'newest first, from the middle',
      statement: (sql, user) => selectTaskList(sql, user, list({}), { ...first, after: [null, createdAt, id] }),
      keys: 'created_at, id',
      byHand: (sql, user, columns) => sql`
        select ${sql.unsafe(columns)} from tasks
        where user_id = ${user} and deleted_at is null
          and (created_at, id) < (${createdAt}::timestamp at time zone 'UTC', ${id}::uuid)
        order by created_at desc, id desc limit ${LIMIT}`,
    },
    {
      name: 'open, soonest due',
      statement: (sql, user) => selectTaskList(sql, user, list({ status: 'open', sort: 'due' }), first),
      keys: 'due_or_never, created_at, id',
      byHand: (sql, user, columns) => sql`
        select ${sql.unsafe(columns)} from tasks
        where user_id = ${user} and status = 'open' and deleted_at is null
        order by due_or_never, created_at, id limit ${LIMIT}`,
    },
    {
      name: 'changes from the beginning',
      statement: (sql, user) => selectChanges(sql, user, LIMIT, null),
      keys: 'changed_in, id',
      byHand: (sql, user, columns) => sql`
        select ${sql.unsafe(columns)} from tasks where user_id = ${user} order by changed_in, id limit ${LIMIT}`,
    },
    {
      name: 'changes from the middle',
      statement: (sql, user) => selectChanges(sql, user, LIMIT, { feed: '', position: change, informedTo: 0n }),
      keys: 'changed_in, id',
      byHand: (sql, user, columns) => sql`
        select ${sql.unsafe(columns)} from tasks
        where user_id = ${user} and (changed_in, id) > (${String(change.changedIn)}::xid8, ${change.id}::uuid)
        order by changed_in, id limit ${LIMIT}`,
    },
  ];
}

/** What a page takes, and what Postgres computes for it, in milliseconds. */
async function reading(database: TestDatabase, read: (index: number) => Promise<unknown>) {
  const computed = await backendsComputing(database);
  const started = performance.now();
  for (let page = 0; page < PAGES; page += 1) await read(page);
  const wall = (performance.now() - started) / PAGES;
  return { wall, computing: (await computed()) / PAGES };
}

async function middleOf({ query }: TestDatabase, user: string, offset: number): Promise<Middle> {
  const [task] = await query<{ id: string; created_at: string }>(
    `select id, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as created_at from tasks
     where user_id = $1 order by tasks.created_at desc, id desc offset $2 limit 1`,
    [user, offset],
  );
  const [change] = await query<{ id: string; changed_in: string }>(
    'select id, changed_in::text from tasks where user_id = $1 order by tasks.changed_in, id offset $2 limit 1',
    [user, offset],
  );
  if (!task || !change) throw new Error(`${user} has less than ${offset} tasks`);
  return { createdAt: task.created_at, id: task.id, change: { changedIn: BigInt(change.changed_in), id: change.id } };
}

/**
 * Writes tasks past every function: of each user's, every hundredth is open, the first among them, and has a reminder.
 * They were changed by as many transactions as there have been.
 */
async function fill(
  { query }: TestDatabase,
  { tasks, users, prefix }: { tasks: number; users: number; prefix: string },
) {
  await query(`
    insert into tasks (id, user_id, title, description, priority, tags, status, due_local, due_time_zone, due_at, created_at,
                       updated_at, completed_at, changed_in)
    select gen_random_uuid(), '${prefix}-' || i % ${users}, 'Task ' || i, 'What is to be done of it, in a line.', 'medium',
           '{home}', case when open then 'open' else 'completed' end,
           to_char(at + interval '7 days', 'YYYY-MM-DD"T"HH24:MI:SS'), 'UTC', (at + interval '7 days') at time zone 'UTC',
           at at time zone 'UTC', at at time zone 'UTC', case when not open then at at time zone 'UTC' end,
           (3 + i % (pg_current_xact_id()::text::bigint - 3))::text::xid8
    from (select i, i / ${users} % 100 = 0 as open, timestamp '2024-11-28' + i * interval '1 minute' as at
          from generate_series(0, ${tasks - 1}) i) r`);
  await query(`
    insert into reminders (id, task_id, user_id, spec, remind_at, status)
    select gen_random_uuid(), id, user_id, jsonb_build_object('at', due_at), due_at, 'pending'
    from tasks where status = 'open' and user_id like '${prefix}-%'`);
}
