import { type Due, dueInstant } from './due.ts';
import { type Reminder, remindAt } from './reminder.ts';
import type { TaskTemplate } from './task.ts';

/** A task that is about to exist, with everything that follows from its template and its due time. */
export interface TaskPlan {
  id: string;
  title: string;
  description: string | null;
  priority: TaskTemplate['priority'];
  tags: string[];
  version: 1;
  due: Due | null;
  dueAt: Date | null;
  reminders: PlannedReminder[];
  /** Where it is an instance of a series: which, and the nominal local time of its occurrence. */
  seriesId: string | null;
  occurrence: string | null;
}

export interface PlannedReminder {
  spec: Reminder;
  remindAt: Date;
  status: 'pending' | 'expired';
}

export interface TaskPlanOptions {
  id: string;
  due: Due | null;
  occurrence?: { seriesId: string; local: string };
  /** A reminder whose time was before this is recorded as expired: it is told so, and not sent. */
  remindFrom: Date;
}

/** Plans a task from its template. */
export function planTask(
  { reminders, ...fields }: TaskTemplate,
  { id, due, occurrence, remindFrom }: TaskPlanOptions,
): TaskPlan {
  return {
    ...fields,
    id,
    version: 1,
    due,
    dueAt: due && dueInstant(due),
    reminders: reminders.map((spec) => {
      const at = remindAt(spec, due);
      return { spec, remindAt: at, status: at < remindFrom ? 'expired' : 'pending' };
    }),
    seriesId: occurrence?.seriesId ?? null,
    occurrence: occurrence?.local ?? null,
  };
}
