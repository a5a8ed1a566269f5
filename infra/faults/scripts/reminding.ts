import type { Task } from '../../../shared/domain/task.ts';
import type { AnsweredWrite } from '../ledger.ts';
import type { WrittenEvent } from './replay.ts';

/** A task after one of its reminders was sent, and what is wrong with that, in words. */
export function afterReminder(task: Task, { data, occurredAt }: WrittenEvent): { task: Task; problems: string[] } {
  const reminder = task.reminders.find(({ id }) => id === data.reminder_id);
  // Reminders that are claimed at once make one version of their task.
  const together = data.version === task.version && task.updatedAt === occurredAt;
  const problems = [
    ...(task.deletedAt !== null ? ['the task is deleted'] : []),
    ...(task.status !== 'open' ? ['the task is done'] : []),
    ...(reminder ? [] : ['there is no such reminder']),
    ...(reminder && reminder.status !== 'pending' ? [`it is ${reminder.status}`] : []),
    ...(reminder && reminder.remindAt !== data.remind_at ? [`it is to be sent at ${reminder.remindAt}`] : []),
    ...(String(data.remind_at) > occurredAt ? [`it is early: ${occurredAt}`] : []),
    ...(data.version === task.version + 1 || together ? [] : [`version ${data.version} after ${task.version}`]),
    ...(data.title === task.title && data.due_at === task.dueAt ? [] : ['it tells of another title or due time']),
  ];
  const reminders = task.reminders.map((each) =>
    each === reminder ? { ...each, status: 'triggered' as const } : each,
  );
  return { task: { ...task, reminders, version: data.version, updatedAt: occurredAt }, problems };
}

/** Whether a reminder that was sent still stands: its task is there and open, and it was not moved, put off or dismissed. */
export interface LastTurn {
  stands: boolean;
  /** RFC 3339. */
  since: string;
}

/** What is certain in the end of a reminder that was sent: whether it stands, and since which write was acknowledged. */
export function lastTurn({ data, occurredAt }: WrittenEvent, writes: readonly AnsweredWrite[]): LastTurn {
  let turn: LastTurn = { stands: true, since: occurredAt };
  for (const { task, acknowledgedAt } of writes) {
    if (!task || task.version <= data.version) continue;
    const reminder = task.reminders.find(({ id }) => id === data.reminder_id);
    const isSame = reminder?.status === 'triggered' && reminder.remindAt === data.remind_at;
    const stands = isSame && task.status === 'open' && task.deletedAt === null;
    if (stands !== turn.stands) turn = { stands, since: acknowledgedAt };
  }
  return turn;
}
