import { isDeepStrictEqual } from 'node:util';
import { type Check, sqlCheck } from './check.ts';
import { readTasks } from './taskRows.ts';

/** What clients rely on that repeat their requests, keep a copy, or read their notifications. */
export const clientChecks: Check[] = [
  {
    promise: 'Every repeat of a request with its Idempotency-Key got the very same answer',
    run: async ({ ledger }) => ({
      looked: ledger.repeats.length,
      violations: ledger.repeats.flatMap(({ request, first, again }) =>
        first === again ? [] : [`${request}: ${first}, and then ${again}`],
      ),
    }),
  },
  {
    promise: 'Every copy that follows the change feed, from the start or any cursor, is what the tasks are',
    async run({ sql, ledger }) {
      const rows = await readTasks(sql, 'user_id', [...new Set(ledger.copies.map(({ userId }) => userId))]);
      const there = [...rows.values()].filter(({ task }) => task.deletedAt === null);
      const violations = ledger.copies.flatMap(({ userId, since, tasks }) => {
        const copy = new Map(tasks.map((task) => [task.id, task]));
        const own = there.filter((row) => row.userId === userId);
        const wrong = own.filter(({ task }) => !isDeepStrictEqual(copy.get(task.id), task)).map(({ task }) => task.id);
        const left = tasks.filter(({ id }) => !own.some(({ task }) => task.id === id)).map(({ id }) => id);
        return [...wrong, ...left].map((id) => `task ${id} of ${userId}, read since ${since}`);
      });
      return { looked: ledger.copies.reduce((sum, { tasks }) => sum + tasks.length, 0), violations };
    },
  },
  sqlCheck({
    promise: 'A notification is read if and only if that was acknowledged, since then',
    given: ({ ledger }) => ledger.readings,
    looked: 'select jsonb_array_length($1::jsonb)::text as looked',
    violations: `
      with acknowledged as (
        select * from jsonb_to_recordset($1::jsonb) as a (id uuid, "userId" text, "readAt" timestamptz)
      )
      select 'notification ' || coalesce(a.id, n.id) || ', acknowledged ' || coalesce(a."readAt"::text, 'never') ||
             ', read ' || coalesce(n.read_at::text, 'never') as violation
      from acknowledged a full join notifications n on n.id = a.id and n.user_id = a."userId"
      where n.read_at is distinct from a."readAt"`,
  }),
];
