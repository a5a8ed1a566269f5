import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { allTopics, catalogue, eventTypes } from '../../shared/events/catalogue.ts';
import { type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
import { loadFunctions } from '../functions.ts';
import { asyncApi } from './asyncApi.ts';

interface Operation {
  action: 'send' | 'receive';
  channel: { $ref: string };
  messages: { $ref: string }[];
}
interface Document {
  channels: Record<string, { address: string }>;
  operations: Record<string, Operation>;
  components: { messages: Record<string, { payload: z.core.JSONSchema.JSONSchema }> };
}

let document: Document;
beforeAll(async () => {
  document = parse(asyncApi(await loadFunctions(), '1.2.3'));
});

test('every topic that a broker must have is a channel', () => {
  expect(Object.values(document.channels).map(({ address }) => address)).toEqual(allTopics());
});

test('a function sends what it emits, and receives what wakes it', () => {
  expect(document.operations['createTask.send.evolution-todo.tasks.created']).toEqual({
    action: 'send',
    channel: { $ref: '#/channels/evolution-todo.tasks.created' },
    messages: [{ $ref: '#/channels/evolution-todo.tasks.created/messages/task.created' }],
  });
  expect(document.operations['onTaskCreated.receive.evolution-todo.tasks.created']).toMatchObject({
    action: 'receive',
    channel: { $ref: '#/channels/evolution-todo.tasks.created' },
  });
  expect(document.operations).not.toHaveProperty(['getTask.send.evolution-todo.tasks.created']);
});

test('the dead letters of every topic have a receiver', () => {
  for (const type of eventTypes) {
    expect(document.operations).toHaveProperty([`onDeadLetter.receive.${catalogue[type].topic}.dead`]);
  }
});

test('an event as it is published is what its message says', () => {
  const event: TaskEvent = {
    event_id: '0b9d6c1e-6c1f-4f6e-9d3a-0a5c1f2e3d4c',
    event_type: 'recurring.trigger',
    timestamp: '2026-11-25T08:00:00.000Z',
    user_id: 'alice',
    task_id: '1c9d6c1e-6c1f-4f6e-9d3a-0a5c1f2e3d4c',
    data: {
      version: 1,
      title: 'Pay rent',
      recurring_id: '2d9d6c1e-6c1f-4f6e-9d3a-0a5c1f2e3d4c',
      occurrence: '2026-11-30T09:00:00',
      due_at: '2026-11-30T08:00:00.000Z',
      passed_over: 0,
    },
  };
  const schema = z.fromJSONSchema(
    document.components.messages['recurring.trigger']?.payload as z.core.JSONSchema.JSONSchema,
  );
  const envelope = toCloudEvent(event, { source: '/evolution-todo/recurringCron', trace: '00-ab-cd-01' });
  expect(schema.safeParse(envelope).error).toBeUndefined();
  expect(schema.safeParse({ ...envelope, subject: undefined }).success).toBe(false);
});
