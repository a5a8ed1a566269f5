import type { RunSql } from '../../faults/target.ts';

/** How long after its time a reminder was taken up by a function, and shown to its user, in milliseconds. */
export interface Lateness {
  taken: number;
  shown: number;
}

/** Of the reminder of a task that has one, which must have been shown. */
export async function latenessOf(sql: RunSql, taskId: string): Promise<Lateness> {
  const [row] = await sql<{ taken: string; shown: string }>(
    `select (extract(epoch from o.occurred_at - r.remind_at) * 1000)::text as taken,
       (extract(epoch from n.created_at - r.remind_at) * 1000)::text as shown
     from reminders r
     join outbox o on o.task_id = r.task_id and o.event_type = 'reminder.due'
     join notifications n on n.task_id = r.task_id and n.kind = 'reminder.due'
     where r.task_id = $1`,
    [taskId],
  );
  if (!row) throw new Error(`no reminder of the task ${taskId} was shown`);
  return { taken: Number(row.taken), shown: Number(row.shown) };
}
