import { randomUUID } from 'node:crypto';
import { inZone } from '../../shared/domain/due.ts';
import { dueOf } from '../../shared/domain/recurrence.ts';
import { startSeries } from '../../shared/domain/series.ts';
import { newTaskSchema, taskSchema } from '../../shared/domain/task.ts';
import { planTask } from '../../shared/domain/taskChanges.ts';
import { taskCreated } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { requireRoomToFloat } from '../../shared/store/floating.ts';
import { insertSeries, requireRoomForSeries, scheduleNext } from '../../shared/store/series.ts';
import { insertTask, requireRoom } from '../../shared/store/tasks.ts';
import { foundTimeZone, holdTimeZone, selectTimeZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'createTask',
  summary: 'Creates a task with its reminders; with a recurrence, also the series of which it is the first instance.',
  trigger: { http: 'POST /tasks' },
  input: { body: newTaskSchema },
  output: { status: 201, body: taskSchema, location: ({ id }) => `/tasks/${id}`, version: ({ version }) => version },
  emits: ['task.created'],

  async handler({ userId, body }, { sql, read, now, commit }) {
    const { recurrence: schedule, due: newDue, description = null, ...fields } = body;
    const [zone] = newDue && 'floating' in newDue ? await read(selectTimeZone(sql, userId)) : [];
    const due = newDue ? inZone(newDue, zone && foundTimeZone(zone)) : null;
    const template = { ...fields, description };
    const begun = schedule && due && (await startSeries({ id: randomUUID(), userId, template, due, schedule }, now));
    const task = planTask(template, {
      newId: randomUUID,
      now,
      due: begun ? dueOf(begun.slot, begun.series.calendar) : due,
      ...(begun && { occurrence: { seriesId: begun.series.id, local: begun.slot.local } }),
      remindFrom: now,
    });
    const whole = begun ? [requireRoomForSeries(sql, userId), insertSeries(sql, begun.series)] : [];
    await commit({
      statements: [
        requireRoom(sql, userId),
        ...requireRoomToFloat(sql, userId, task),
        ...holdTimeZone(sql, userId, task.due),
        ...whole,
        ...insertTask(sql, userId, task),
        ...(begun ? scheduleNext(sql, userId, begun.series.id) : []),
      ],
      events: [taskCreated(userId, task)],
      answer: task,
    });
    return task;
  },
});
