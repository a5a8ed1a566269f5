import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue, deadLetterTopic } from '../../shared/events/catalogue.ts';
import { type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
import { childOf, formatTraceparent } from '../../shared/runtime/trace.ts';
import { taskSnapshot } from '../testing/taskSnapshot.ts';
import { calendarChapter } from './calendar.ts';
import { channelChapters } from './channels.ts';
import { type Chapter, expect, signIn, signInAsAdministrator, signInService, until } from './world.ts';

/** By then every function has given its publishing up (after 2 s), and only the outbox can help. */
const GIVEN_UP_MS = 2_500;

const DAY_MS = 24 * 60 * 60 * 1000;

/** The story of the system, in order. Each chapter has a user of its own, so that what it sees is its own doing. */
export const chapters: Chapter[] = [
  {
    title: 'A task is created; its event wakes a function, which notifies the user',
    async run(world, narrate) {
      const user = await signIn(world, 'alice');
      const task = await user.createTask({ title: 'Buy milk' });
      const stored = await user.getTask(task.id);
      expect(stored.title === 'Buy milk' && stored.version === 1, 'the task as it was written', stored);
      narrate(`POST /tasks: 201, task ${task.id}`);
      const [notification] = await until('a notification', async () => atLeast(1, await user.notifications()));
      expect(notification?.kind === 'task.created', 'a notification of the new task', notification);
      narrate(`task.created woke onTaskCreated: "${notification.message}"`);
    },
  },
  {
    title: 'Another service writes a task through the sidecar, by service invocation',
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
      await until('a notification', async () => atLeast(1, await service.notifications()));
      narrate('its task.created took effect like any other');
    },
  },
  {
    title: 'A reminder comes due in two seconds, and is sent then, not before; put off, it comes again',
    async run(world, narrate) {
      const user = await signIn(world, 'bob');
      const at = new Date(Date.now() + 2_000).toISOString();
      const task = await user.createTask({ title: 'Call Ann', reminders: [{ at }] });
      narrate(`reminder set for ${at}`);
      const reminder = await until('a reminder', async () =>
        (await user.notifications()).find(({ kind }) => kind === 'reminder.due'),
      );
      const lateMs = Date.parse(reminder.createdAt) - Date.parse(at);
      expect(reminder.taskId === task.id && lateMs >= 0, 'a reminder of this task, not before its time', reminder);
      narrate(`reminder.due woke onReminderDue: "${reminder.message}", ${lateMs} ms after its time`);
      const reminderId = task.reminders[0]?.id ?? '';
      await user.snoozeReminder(task.id, reminderId, { for: 'PT1S' });
      await until('the reminder again', async () =>
        (await user.notifications()).filter(({ kind }) => kind === 'reminder.due').length === 2 ? true : undefined,
      );
      const { reminders } = await user.dismissReminder(task.id, reminderId);
      expect(reminders[0]?.status === 'dismissed', 'a reminder that was waved away', reminders);
      narrate('snoozed for a second: it came again; dismissed: it does not');
    },
  },
  {
    title: 'A recurring task is done; the next instance is made once, and announced',
    async run(world, narrate) {
      const user = await signIn(world, 'carol');
      const yesterday = new Date(Date.now() - DAY_MS - 60_000).toISOString().slice(0, 19);
      const first = await user.createTask({
        title: 'Water the plants',
        due: { dateTime: yesterday, timeZone: 'UTC' },
        recurrence: { rule: 'FREQ=DAILY' },
      });
      await user.completeTask(first.id);
      narrate(`daily since ${yesterday}, completed today`);
      const trigger = await until('a recurring.trigger', async () =>
        (await user.notifications()).find(({ kind }) => kind === 'recurring.trigger'),
      );
      const instances = (await user.listTasks()).filter(({ seriesId }) => seriesId === first.seriesId);
      const next = instances.find(({ status }) => status === 'open');
      expect(instances.length === 2 && next?.id === trigger.taskId, 'one new instance', instances);
      narrate(`the instance of ${next.occurrence} was made: "${trigger.message}"`);
      await until('task.created of the instance', async () =>
        (await user.notifications()).find(({ kind, taskId }) => kind === 'task.created' && taskId === next.id),
      );
      narrate('its task.created arrived too');
    },
  },
  {
    title: 'A recurring task is done three days late, then paused, resumed, changed, skipped, split and ended',
    async run(world, narrate) {
      const user = await signIn(world, 'peggy');
      const aMinuteAgo = Date.now() - 60_000;
      const daysAgo = (days: number) => new Date(aMinuteAgo - days * DAY_MS).toISOString().slice(0, 19);
      const due = { dateTime: daysAgo(3), timeZone: 'UTC' };
      const first = await user.createTask({ title: 'Take a walk', due, recurrence: { rule: 'FREQ=DAILY' } });
      const id = first.seriesId ?? '';
      await user.completeTask(first.id);
      const open = await until('an open instance', async () =>
        (await user.listTasks()).find(({ seriesId, status }) => seriesId === id && status === 'open'),
      );
      const late = await user.series.get(id);
      const isCurrent =
        open.occurrence === daysAgo(0) && late.passedOver === 2 && late.next?.occurrence === daysAgo(-1);
      expect(isCurrent, 'the slot of today after one completion, two passed over', { open, late });
      narrate(`daily since ${due.dateTime}, done once: ${open.occurrence} is open, ${late.passedOver} passed over`);

      const paused = await user.series.pause(id);
      const resumed = await user.series.resume(id);
      const states = [paused, resumed].map(({ state }) => state).join();
      expect(states === 'paused,active', 'a series that was paused and goes on', [paused, resumed]);
      const changed = await user.series.update(id, resumed.version, { title: 'Take a long walk' });
      const renamed = await user.getTask(open.id);
      expect(renamed.title === changed.title, 'the open task changed with its series', renamed);
      const skipped = await user.series.skip(id, daysAgo(-1));
      expect(skipped.next?.occurrence === daysAgo(-2), 'the slot of tomorrow skipped', skipped);
      narrate(`paused, resumed, renamed; ${daysAgo(-1)} skipped, next is ${skipped.next.occurrence}`);

      const part = await user.series.split(id, daysAgo(-3), { title: 'Take a short walk' });
      const before = await user.series.get(id);
      expect(part.next?.occurrence === daysAgo(-3), 'another series from there on', part);
      expect(before.next?.occurrence === daysAgo(-2), 'the old one until then', before);
      await user.series.end(id);
      const lists = [await user.series.list('active'), await user.series.list('ended')];
      const titles = lists.flat().map(({ title }) => title);
      expect(titles.join() === 'Take a short walk,Take a long walk', 'one series that goes on, one that ended', lists);
      narrate(`split at ${daysAgo(-3)}, the old one ended: "${titles.join('" goes on, "')}" does not`);
    },
  },
  {
    title: 'A task is changed, done, opened again, deleted and restored; each is told, in order',
    async run(world, narrate) {
      const user = await signIn(world, 'judy');
      const beginning = await user.changes();
      const task = await user.createTask({ title: 'Book a table' });
      const changed = await user.updateTask(task.id, 1, { title: 'Book a table for four', priority: 'high' });
      expect(changed.version === 2 && changed.priority === 'high', 'the task as it was changed', changed);
      await user.completeTask(task.id);
      await user.reopenTask(task.id);
      await user.deleteTask(task.id);
      const restored = await user.restoreTask(task.id);
      expect(restored.version === 6 && restored.status === 'open', 'the task, open, at its sixth version', restored);
      const expected = ['created', 'updated', 'completed', 'updated', 'deleted', 'updated'].map(
        (what) => `task.${what}`,
      );
      const types = await until('six events', async () => atLeast(6, await world.publishedTypes(task.id)));
      expect(types.join() === expected.join(), 'each change, told in order', types);
      narrate(`told: ${types.join(', ')}`);

      await user.completeTask(task.id);
      await until('one task created and done in the statistics', async () => {
        const { created, completed } = await user.today();
        return created === 1 && completed === 1 ? true : undefined;
      });
      narrate('the statistics of the day: 1 created, 1 completed');
      const [change] = await until('the change', async () => atLeast(1, (await user.changes(beginning.next)).changes));
      const seen = change?.type === 'task' && change.task.version === 7 && change.task.status === 'completed';
      expect(seen, 'the change feed, with the task in its last state', change);
      narrate('GET /changes since the beginning: the task, once, at version 7');

      const [notification] = await until('a notification', async () => atLeast(1, await user.notifications()));
      const read = await user.readNotification(notification?.id ?? '');
      expect(read.readAt !== null, 'a notification that is read', read);
      const document = await fetch(`${world.apiUrl}/openapi.json`);
      expect(document.ok, 'the description of the API', document.status);
    },
  },
  {
    title: 'The sidecar is down while three tasks are written; nothing is lost, order and trace hold',
    async run(world, narrate) {
      const trace = childOf(undefined);
      const user = await signIn(world, 'dave', formatTraceparent(trace));
      await world.sidecar.stop();
      const tasks = [];
      for (const title of ['one', 'two', 'three']) {
        const task = await user.createTask({ title });
        await user.completeTask(task.id);
        tasks.push(task);
      }
      narrate('sidecar stopped; three tasks created and completed: 201 and 200 all the same');
      await sleep(GIVEN_UP_MS);
      await world.sidecar.start();
      narrate('sidecar started again');
      await until('three notifications', async () => atLeast(3, await user.notifications()));
      for (const { id, title } of tasks) {
        const types = await until(`both events of task ${title}`, async () =>
          atLeast(2, await world.publishedTypes(id)),
        );
        expect(types.join() === 'task.created,task.completed', `events of ${title} in order, once each`, types);
      }
      const titles = (await user.notifications()).map(({ message }) => message);
      expect(titles.length === 3, 'one notification of each task', titles);
      narrate('outboxCron published what was left behind: of each task both events, once each and in order');
      const functions = [...world.functionsInTrace(trace.traceId)];
      const expected = ['createTask', 'completeTask', 'onTaskCreated'];
      expect(
        expected.every((name) => functions.includes(name)),
        'one trace from the requests to the effects',
        functions,
      );
      narrate(`trace ${trace.traceId} goes from the requests through outbox and broker to onTaskCreated`);
    },
  },
  {
    title: 'The same event is delivered twice, and takes effect once',
    async run(world, narrate) {
      const user = await signIn(world, 'erin');
      const event = createdEvent('erin', 'Delivered twice');
      const { topic } = catalogue[event.event_type];
      for (let copy = 0; copy < 2; copy += 1) {
        await world.publish(topic, toCloudEvent(event, { source: '/evolution-todo/story' }), event.task_id);
      }
      await until('two deliveries', () => (world.deliveries(event.event_id) >= 2 ? true : undefined));
      const notifications = await user.notifications();
      expect(notifications.length === 1, 'one notification', notifications);
      narrate('published twice, delivered twice: one notification');
    },
  },
  {
    title: 'An event that nobody can read goes to the dead letters, and others flow on',
    async run(world, narrate) {
      const user = await signIn(world, 'frank');
      const event = createdEvent('frank', 'After the poison');
      const { topic } = catalogue[event.event_type];
      const poison = { ...toCloudEvent(event, { source: '/evolution-todo/story' }), id: randomUUID(), data: 'poison' };
      // With one key both are in one partition: the second is behind the first.
      await world.publish(topic, poison, event.task_id);
      await world.publish(topic, toCloudEvent(event, { source: '/evolution-todo/story' }), event.task_id);
      const administrator = await signInAsAdministrator(world);
      const { id, reason } = await until('a dead letter', async () =>
        (await administrator.deadLetters()).find(({ eventId }) => eventId === poison.id),
      );
      narrate(`the unreadable event came to ${deadLetterTopic(topic)} and is kept with its reason: ${reason}`);
      const kept = await administrator.getDeadLetter(id);
      expect(kept.status === 'waiting', 'a letter that waits for an operator', kept);
      narrate(`replaying it is refused: ${await administrator.refusedReplay(id)}`);
      await until('the event behind it', async () => atLeast(1, await user.notifications()));
      narrate('the event behind it, in the same partition, took effect');
    },
  },
  {
    title: 'A dead letter is replayed, and again, and takes effect once',
    async run(world, narrate) {
      const user = await signIn(world, 'grace');
      const administrator = await signInAsAdministrator(world);
      const event = createdEvent('grace', 'Replayed');
      const { topic } = catalogue[event.event_type];
      // Where Dapr puts an event whose function fails on it for longer than the retry policy goes on.
      await world.publish(
        deadLetterTopic(topic),
        toCloudEvent(event, { source: '/evolution-todo/story' }),
        event.task_id,
      );
      const letter = await until('a dead letter', async () =>
        (await administrator.deadLetters()).find(({ eventId }) => eventId === event.event_id),
      );
      const before = await user.notifications();
      expect(before.length === 0, 'no notification yet', before);
      for (const replays of [1, 2]) {
        const replayed = await administrator.replay(letter.id);
        expect(replayed.status === 'replayed' && replayed.replays === replays, `replay ${replays}`, replayed);
      }
      await until('two deliveries', () => (world.deliveries(event.event_id) >= 2 ? true : undefined));
      const notifications = await user.notifications();
      expect(notifications.length === 1, 'one notification', notifications);
      narrate('replayed twice, delivered twice: one notification');
    },
  },
  ...channelChapters,
  calendarChapter,
  {
    title: 'Nothing runs at rest: every function went from zero to one and back to zero',
    async run(world, narrate) {
      await until('every function is back at zero', () => {
        const seen = world.wokenAndSlept();
        return world.functionNames.every((name) => seen.has(name)) ? true : undefined;
      });
      narrate(`0 → 1 → 0: ${world.functionNames.join(', ')}`);
    },
  },
];

/** An event such as createTask would write, of a task that only this event tells of. */
function createdEvent(userId: string, title: string): TaskEvent<'task.created'> {
  return {
    event_id: randomUUID(),
    event_type: 'task.created',
    timestamp: new Date().toISOString(),
    user_id: userId,
    task_id: randomUUID(),
    data: taskSnapshot({ title }),
  };
}

function atLeast<T>(count: number, items: T[]): T[] | undefined {
  return items.length >= count ? items : undefined;
}
