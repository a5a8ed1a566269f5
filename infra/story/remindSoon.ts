import type { Task } from '../../shared/domain/task.ts';
import { expect } from './look.ts';
import type { User } from './user.ts';

const LEAD_MS = 2_000;
const LONGEST_LEAD_MS = 60_000;

/**
 * Creates a task with a reminder that is about to come due: in two seconds, or, where creating it takes longer than that
 * (a start from zero, a busy machine, clocks that differ), as soon as it can be.
 */
export async function remindSoon(user: User, title: string): Promise<{ task: Task; reminderId: string; at: string }> {
  for (let leadMs = LEAD_MS; ; leadMs *= 2) {
    const at = new Date(Date.now() + leadMs).toISOString();
    const task = await user.createTask({ title, reminders: [{ at }] });
    const [reminder] = task.reminders;
    if (reminder?.status === 'pending') return { task, reminderId: reminder.id, at };
    expect(leadMs < LONGEST_LEAD_MS, 'a reminder that is still ahead when its task has been created', task.reminders);
  }
}
