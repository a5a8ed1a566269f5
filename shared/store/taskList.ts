import { type Order, orderOf, type TaskList } from '../domain/taskList.ts';
import type { Sql, Statement } from './database.ts';
import { taskColumns } from './tasks.ts';

/**
 * Where a page of a list of tasks begins: behind the row with this sort key (null: the list is sorted by creation
 * alone), creation time and id. Instants are UTC without an offset, in Postgres's full precision.
 */
export type TaskPosition = readonly [key: string | number | null, createdAt: string, id: string];

/** Of how many tasks a page is, where it begins, and what time it is. */
export interface TaskListPage {
  limit: number;
  after: TaskPosition | null;
  now: Date;
}

/** The user's tasks that a list holds, in its order: by its sort key, then by creation. `position` is a `TaskPosition`. */
export function selectTaskList(
  sql: Sql,
  userId: string,
  list: TaskList,
  { limit, after, now }: TaskListPage,
): Statement {
  const order = orderOf(list);
  const key = sortKey(sql, list, order);
  const direction = order === 'asc' ? sql`asc` : sql`desc`;
  const conditions = [sql`t.user_id = ${userId}`, sql`t.deleted_at is null`, ...filters(sql, list, now)];
  if (after) conditions.push(behind(sql, after, key, order));
  // What is costly in a row is found for the page alone, not for everything that was sorted.
  return sql`
    select ${taskColumns(sql)},
           jsonb_build_array(${key?.toJson(sql`t.sort_key`) ?? sql`null`}, t.created_at at time zone 'UTC', t.id) as position
    from (
      select t.*, ${key?.expression ?? sql`null`} as sort_key
      from tasks t
      where ${conditions.reduce((all, condition) => sql`${all} and ${condition}`)}
      order by ${key ? sql`sort_key ${direction},` : sql``} t.created_at ${direction}, t.id ${direction}
      limit ${limit}
    ) t
    order by ${key ? sql`t.sort_key ${direction},` : sql``} t.created_at ${direction}, t.id ${direction}`;
}

function behind(sql: Sql, [value, createdAt, id]: TaskPosition, key: SortKey | null, order: Order): Statement {
  const beyond = order === 'asc' ? sql`>` : sql`<`;
  const row = sql`${createdAt}::timestamp at time zone 'UTC', ${id}::uuid`;
  if (!key) return sql`(t.created_at, t.id) ${beyond} (${row})`;
  return sql`(${key.expression}, t.created_at, t.id) ${beyond} (${key.toValue(value)}, ${row})`;
}

function filters(sql: Sql, list: TaskList, now: Date): Statement[] {
  const { dueAfter, dueBefore } = list;
  const conditions: Statement[] = [];
  if (list.status) conditions.push(sql`t.status = ${list.status}`);
  // Both statuses, so that the index by status and due time finds the interval in either.
  else if (dueAfter || dueBefore) conditions.push(sql`t.status in ('open', 'completed')`);
  if (dueAfter) conditions.push(sql`t.due_or_never >= ${dueAfter}::timestamptz`, sql`t.due_or_never < 'infinity'`);
  if (dueBefore) conditions.push(sql`t.due_or_never < ${dueBefore}::timestamptz`);
  if (list.overdue) conditions.push(sql`t.status = 'open'`, sql`t.due_or_never <= ${now}::timestamptz`);
  if (list.priority) conditions.push(sql`t.priority = ${list.priority}`);
  if (list.seriesId) conditions.push(sql`t.series_id = ${list.seriesId}::uuid`);
  if (list.tag) conditions.push(sql`t.tags @> ${list.tag}::text[]`);
  if (list.search) conditions.push(sql`t.words @@ (${searchQuery(sql, list.search)})`);
  return conditions;
}

/** What a list is sorted by, and how it is written to the JSON of a position, and read from there. */
interface SortKey {
  expression: Statement;
  toJson(key: Statement): Statement;
  toValue(key: TaskPosition[0]): Statement;
}

/** The key that comes before the creation time, or null where there is none. */
function sortKey(sql: Sql, { sort }: TaskList, order: Order): SortKey | null {
  switch (sort) {
    case 'created':
      return null;
    case 'updated':
      return instantKey(sql, sql`t.updated_at`);
    case 'due':
      return instantKey(sql, order === 'asc' ? sql`t.due_or_never` : sql`coalesce(t.due_at, '-infinity')`);
    case 'priority':
      return {
        expression: sql`case t.priority when 'high' then 3 when 'medium' then 2 else 1 end`,
        toJson: (key) => key,
        toValue: (key) => sql`${key}::integer`,
      };
    case 'title':
      return {
        // Code points sort the same in every database; the collations of languages differ from one system to the next.
        expression: sql`lower(t.title) collate "C"`,
        toJson: (key) => key,
        toValue: (key) => sql`${key}::text`,
      };
  }
}

function instantKey(sql: Sql, expression: Statement): SortKey {
  return {
    expression,
    toJson: (key) => sql`${key} at time zone 'UTC'`,
    toValue: (key) => sql`${key}::timestamp at time zone 'UTC'`,
  };
}

/** The words of a search; the last one, unless it is quoted or excluded, stands for all that begin with it. */
function searchQuery(sql: Sql, search: string): Statement {
  const unfinished = /(?:^|\s)[^\s"-][^\s"]*$/u.test(search);
  const query = sql`websearch_to_tsquery('simple', ${search})`;
  if (!unfinished) return query;
  // Only a query whose text ends in a word can be given the mark of a prefix.
  return sql`select case when q::text like '%''' then (q::text || ':*')::tsquery else q end from ${query} q`;
}
