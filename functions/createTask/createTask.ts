import { randomUUID } from 'node:crypto';
import { inZone } from '../../shared/domain/due.ts';
import { dueOf } from '../../shared/domain/recurrence.ts';
import { creationLead, startSeries } from '../../shared/domain/series.ts';
import { newTaskSchema, taskSchema } from '../../shared/domain/task.ts';
import { planTask } from '../../shared/domain/taskChanges.ts';
import { taskCreated } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertSeries } from '../../shared/store/series.ts';
import { insertTask, requireRoom } from '../../shared/store/tasks.ts';
import { foundTimeZone, holdTimeZone, selectTimeZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'createTask',
  summary: 'Creates a task with its reminders; with a recurrence, also the series of which it is the first instance.',
  trigger: { http: 'POST /tasks' },
  input: { body: newTaskSchema },
  output: { status: 201, body: taskSchema, location: ({ id }) => `/tasks/${id}`, version: ({ version }) => version },
  emits: ['task.created'],

  async handler({ userId, body }, { sql, run, now, commit }) {
    const { recurrence, due: newDue, description = null, ...fields } = body;
    const [zone] = newDue && 'floating' in newDue ? await run(selectTimeZone(sql, userId)) : [];
    const due = newDue ? inZone(newDue, zone && foundTimeZone(zone)) : null;
    const template = { ...fields, description };
    const started = recurrence && due && (await startSeries(due, recurrence));
    const series = started && { ...started, id: randomUUID(), userId, template, leadMs: creationLead(body.reminders) };

    const task = planTask(template, {
      newId: randomUUID,
      now,
      due: series ? dueOf(series.slot, series.calendar.timeZone) : due,
      ...(series && { occurrence: { seriesId: series.id, local: series.slot.local } }),
      remindFrom: now,
    });
    await commit({
      statements: [
        requireRoom(sql, userId),
        ...holdTimeZone(sql, userId, task),
        ...(series ? [insertSeries(sql, series, now)] : []),
        ...insertTask(sql, userId, task),
      ],
      events: [taskCreated(userId, task)],
      answer: task,
    });
    return task;
  },
});
