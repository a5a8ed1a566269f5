import { randomUUID } from 'node:crypto';
import { addDays, localDateOf } from '../../shared/domain/time.ts';
import { sendUntilAnswered } from './call.ts';
import { type Chapter, chapter } from './chapter.ts';
import { atLeast, expect, until } from './look.ts';
import { remindSoon } from './remindSoon.ts';
import { signIn, signInService } from './user.ts';

/** Of single tasks, their reminders, and what follows from each change. */
export const taskChapters: readonly Chapter[] = [
  chapter({
    title: 'A task is created; its event wakes a function, which notifies the user',
    async run(world, narrate) {
      const user = await signIn(world, 'alice');
      const task = await user.createTask({ title: 'Buy milk' });
      const stored = await user.getTask(task.id);
      expect(stored.title === 'Buy milk' && stored.version === 1, 'the task as it was written', stored);
      narrate(`POST /tasks: 201, task ${task.id}`);
      const [notification] = await until(world, 'a notification', async () =>
        atLeast(1, await user.notifications(task.id)),
      );
      expect(notification?.kind === 'task.created', 'a notification of the new task', notification);
      narrate(`task.created woke onTaskCreated: "${notification.message}"`);
    },
  }),
  chapter({
    title: 'Another service writes a task through the sidecar, by service invocation',
    needs: ['invocation'],
    async run(world, narrate) {
      const service = await signInService(world, 'heidi');
      const task = await service.createTask({ title: 'Invoked' });
      const seen = [await service.getTask(task.id), await (await signIn(world, 'heidi')).getTask(task.id)];
      expect(
        seen.every(({ title }) => title === 'Invoked'),
        'one task, through the sidecar and from outside',
        seen,
      );
      narrate(`POST /v1.0/invoke/evolution-todo/method/tasks: 201, task ${task.id}`);
      const refusals = [
        await service.refused(`/tasks/${randomUUID()}`),
        await service.refused('/nothing'),
        await service.refused('/tasks', 'anonymous'),
      ];
      expect(refusals.join() === '404,404,401', 'the API to refuse as it does outside', refusals);
      narrate('no such task, and no such path: 404; without the user’s own token: 401');
      await until(world, 'a notification', async () => atLeast(1, await service.notifications(task.id)));
      narrate('its task.created took effect like any other');
    },
  }),
  chapter({
    title: 'A reminder comes due in a moment, and is sent then, not before; put off, it comes again',
    async run(world, narrate) {
      const user = await signIn(world, 'bob');
      const { task, reminderId, at } = await remindSoon(user, 'Call Ann');
      narrate(`reminder set for ${at}`);
      const reminder = await until(world, 'a reminder', async () =>
        (await user.notifications(task.id)).find(({ kind }) => kind === 'reminder.due'),
      );
      const lateMs = Date.parse(reminder.createdAt) - Date.parse(at);
      expect(lateMs >= 0, 'a reminder, not before its time', reminder);
      narrate(`reminder.due woke onReminderDue: "${reminder.message}", ${lateMs} ms after its time`);
      await user.snoozeReminder(task.id, reminderId, { for: 'PT1S' });
      await until(world, 'the reminder again', async () =>
        (await user.notifications(task.id)).filter(({ kind }) => kind === 'reminder.due').length === 2
          ? true
          : undefined,
      );
      const { reminders } = await user.dismissReminder(task.id, reminderId);
      expect(reminders[0]?.status === 'dismissed', 'a reminder that was waved away', reminders);
      narrate('snoozed for a second: it came again; dismissed: it does not');
    },
  }),
  chapter({
    title: 'A task is changed, done, opened again, deleted and restored; statistics and change feed follow',
    async run(world, narrate) {
      const user = await signIn(world, 'judy');
      const beginning = await user.changes();
      const yesterday = addDays(localDateOf(new Date(), 'UTC'), -1);
      const earlier = await user.countedSince(yesterday);
      const task = await user.createTask({ title: 'Book a table' });
      const changed = await user.updateTask(task.id, 1, { title: 'Book a table for four', priority: 'high' });
      expect(changed.version === 2 && changed.priority === 'high', 'the task as it was changed', changed);
      await user.completeTask(task.id);
      await user.reopenTask(task.id);
      await user.deleteTask(task.id);
      const restored = await user.restoreTask(task.id);
      expect(restored.version === 6 && restored.status === 'open', 'the task, open, at its sixth version', restored);
      await user.completeTask(task.id);
      await until(world, 'one more task created and done in the statistics', async () => {
        const { created, completed } = await user.countedSince(yesterday);
        return created === earlier.created + 1 && completed === earlier.completed + 1 ? true : undefined;
      });
      narrate('the statistics: 1 more created, 1 more completed');
      const change = await until(world, 'the change', async () =>
        (await user.changes(beginning.next)).changes.find((each) => each.type === 'task' && each.task.id === task.id),
      );
      const seen = change.type === 'task' && change.task.version === 7 && change.task.status === 'completed';
      expect(seen, 'the change feed, with the task in its last state', change);
      narrate('GET /changes since the beginning: the task, once, at version 7');

      const [notification] = await until(world, 'a notification', async () =>
        atLeast(1, await user.notifications(task.id)),
      );
      const read = await user.readNotification(notification?.id ?? '');
      expect(read.readAt !== null, 'a notification that is read', read);
      const document = await sendUntilAnswered(world.api, { path: '/openapi.json' }, world);
      expect(document.status === 200, 'the description of the API', document.status);
    },
  }),
  chapter({
    title: 'What happens to a task is told to the broker, each change once and in order',
    needs: ['publishedTypes'],
    async run(world, narrate) {
      const user = await signIn(world, 'sybil');
      const task = await user.createTask({ title: 'Book a table' });
      await user.updateTask(task.id, 1, { priority: 'high' });
      await user.completeTask(task.id);
      await user.reopenTask(task.id);
      await user.deleteTask(task.id);
      await user.restoreTask(task.id);
      const expected = ['created', 'updated', 'completed', 'updated', 'deleted', 'updated'].map(
        (what) => `task.${what}`,
      );
      const types = await until(world, 'six events', async () => atLeast(6, await world.publishedTypes(task.id)));
      expect(types.join() === expected.join(), 'each change, told in order', types);
      narrate(`told: ${types.join(', ')}`);
    },
  }),
];
