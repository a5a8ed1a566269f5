import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue, deadLetterTopic } from '../../shared/events/catalogue.ts';
import { type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
import { PUBLISH_TIMEOUT_MS } from '../../shared/runtime/app.ts';
import { childOf, formatTraceparent } from '../../shared/runtime/trace.ts';
import { createdEvent } from '../testing/createdEvent.ts';
import { administratorOf } from './administrator.ts';
import { type Chapter, chapter } from './chapter.ts';
import { atLeast, expect, until } from './look.ts';
import { signIn, type User } from './user.ts';
import type { WorldWith } from './world.ts';

/** So long after its answer, a function has given its publishing up on any platform, and only the outbox can help. */
const GIVEN_UP_MS = PUBLISH_TIMEOUT_MS + 500;
const SOURCE = '/evolution-todo/story';

/** Of a broker that is away, brings events twice, or brings what nobody can read. */
export const brokerChapters: readonly Chapter[] = [
  chapter({
    title: 'The sidecar is down while three tasks are written; nothing is lost, order and trace hold',
    needs: ['sidecar', 'publishedTypes', 'functions'],
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
      for (const { id, title } of tasks) {
        await until(world, `a notification of task ${title}`, async () => atLeast(1, await user.notifications(id)));
        const types = await until(world, `both events of task ${title}`, async () =>
          atLeast(2, await world.publishedTypes(id)),
        );
        expect(types.join() === 'task.created,task.completed', `events of ${title} in order, once each`, types);
      }
      for (const { id, title } of tasks) {
        const notifications = await user.notifications(id);
        expect(notifications.length === 1, `one notification of task ${title}`, notifications);
      }
      narrate('outboxCron published what was left behind: of each task both events, once each and in order');
      await until(world, 'one trace from the requests to the effects', async () => {
        const functions = await world.functions.inTrace(trace.traceId);
        return ['createTask', 'completeTask', 'onTaskCreated'].every((name) => functions.has(name)) || undefined;
      });
      narrate(`trace ${trace.traceId} goes from the requests through outbox and broker to onTaskCreated`);
    },
  }),
  chapter({
    title: 'The same event is delivered twice, and takes effect once',
    needs: ['publish'],
    async run(world, narrate) {
      const user = await signIn(world, 'erin');
      const { id } = await world.user('erin');
      const event = createdEvent(id, 'Delivered twice');
      await publish(world, event);
      await publish(world, event);
      await takenUpTo(world, user, event);
      const notifications = await user.notifications(event.task_id);
      expect(notifications.length === 1, 'one notification', notifications);
      narrate('published twice, delivered twice: one notification');
    },
  }),
  chapter({
    title: 'An event that nobody can read goes to the dead letters, and others flow on',
    needs: ['publish', 'admin'],
    async run(world, narrate) {
      const user = await signIn(world, 'frank');
      const { id: userId } = await world.user('frank');
      const event = createdEvent(userId, 'After the poison');
      const { topic } = catalogue[event.event_type];
      const poison = { ...toCloudEvent(event, { source: SOURCE }), id: randomUUID(), data: 'poison' };
      // With one key both are in one partition: the second is behind the first.
      await world.publish(topic, poison, event.task_id);
      await publish(world, event);
      const administrator = administratorOf(world);
      const { id, reason } = await until(world, 'a dead letter', async () =>
        (await administrator.deadLetters()).find(({ eventId }) => eventId === poison.id),
      );
      narrate(`the unreadable event came to ${deadLetterTopic(topic)} and is kept with its reason: ${reason}`);
      const kept = await administrator.getDeadLetter(id);
      expect(kept.status === 'waiting', 'a letter that waits for an operator', kept);
      narrate(`replaying it is refused: ${await administrator.refusedReplay(id)}`);
      await until(world, 'the event behind it', async () => atLeast(1, await user.notifications(event.task_id)));
      narrate('the event behind it, in the same partition, took effect');
    },
  }),
  chapter({
    title: 'A dead letter is replayed, and again, and takes effect once',
    needs: ['publish', 'admin'],
    async run(world, narrate) {
      const user = await signIn(world, 'grace');
      const administrator = administratorOf(world);
      const { id } = await world.user('grace');
      const event = createdEvent(id, 'Replayed');
      // Where Dapr puts an event whose function fails on it for longer than the retry policy goes on.
      await publish(world, event, deadLetterTopic);
      const letter = await until(world, 'a dead letter', async () =>
        (await administrator.deadLetters()).find(({ eventId }) => eventId === event.event_id),
      );
      const before = await user.notifications(event.task_id);
      expect(before.length === 0, 'no notification yet', before);
      for (const replays of [1, 2]) {
        const replayed = await administrator.replay(letter.id);
        expect(replayed.status === 'replayed' && replayed.replays === replays, `replay ${replays}`, replayed);
      }
      await takenUpTo(world, user, event);
      const notifications = await user.notifications(event.task_id);
      expect(notifications.length === 1, 'one notification', notifications);
      narrate('replayed twice, delivered twice: one notification');
    },
  }),
];

/** Publishes an event as a function would, to its topic or to one that stands for it. */
async function publish(
  world: WorldWith<'publish'>,
  event: TaskEvent<'task.created'>,
  topicOf = (topic: string) => topic,
  key = event.task_id,
): Promise<void> {
  await world.publish(topicOf(catalogue[event.event_type].topic), toCloudEvent(event, { source: SOURCE }), key);
}

/**
 * Waits until all that was published of a task has been taken: with its key, another event is behind that in the same
 * partition, and comes last.
 */
async function takenUpTo(
  world: WorldWith<'publish'>,
  user: User,
  { task_id: key, user_id }: TaskEvent<'task.created'>,
) {
  const last = createdEvent(user_id, 'Behind it');
  await publish(world, last, undefined, key);
  await until(world, 'the event behind it', async () => atLeast(1, await user.notifications(last.task_id)));
}
