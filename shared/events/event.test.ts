import { expect, test } from 'vitest';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { allTopics, catalogue, eventTypes } from './catalogue.ts';
import { parseCloudEvent, type TaskEvent, toCloudEvent } from './event.ts';

const event: TaskEvent<'task.created'> = {
  event_id: '0b7d4bb1-5c3c-4d59-9a3a-1f2f0a9f3c11',
  event_type: 'task.created',
  timestamp: '2026-11-25T08:00:00.000Z',
  user_id: 'alice',
  task_id: '7f1f6f0e-52a7-4b32-8d5c-0b1f0c9a2d22',
  data: taskSnapshot(),
};

/** What arrives after a trip over the wire. */
const delivered = (changes: object = {}) =>
  JSON.parse(JSON.stringify({ ...toCloudEvent(event, { source: '/evolution-todo/createTask' }), ...changes }));

test('there are seven events, each with a topic of its own and one for its dead letters', () => {
  expect(eventTypes).toHaveLength(7);
  expect(new Set(allTopics()).size).toBe(14);
  expect(catalogue['reminder.due'].topic).toBe('evolution-todo.reminders.due');
  expect(allTopics()).toContain('evolution-todo.tasks.created.dead');
});

test('the envelope has the id of its event, so that every try to publish it is the same CloudEvent', () => {
  expect(toCloudEvent(event, { source: '/evolution-todo/createTask' })).toEqual({
    specversion: '1.0',
    id: event.event_id,
    type: 'task.created',
    source: '/evolution-todo/createTask',
    subject: event.task_id,
    time: event.timestamp,
    datacontenttype: 'application/json',
    data: event,
  });
});

test('an event comes out of its envelope as it went in', () => {
  expect(parseCloudEvent('task.created', delivered()).data).toEqual(event);
});

test('a reader ignores fields that it does not know, in the envelope and in the data', () => {
  const newer = { ...event, data: { ...event.data, colour: 'red' } };
  expect(parseCloudEvent('task.created', delivered({ topic: 't', pubsubname: 'p', data: newer })).data).toEqual(event);
});

test.each([
  ['no object', 'text'],
  ['null', null],
  ['another type of event', delivered({ type: 'task.deleted' })],
  ['no data', delivered({ data: undefined })],
  ['an id that is not the event’s own', delivered({ id: 'another' })],
  ['a field of the wrong type', delivered({ data: { ...event, data: { ...event.data, version: 'one' } } })],
  ['a missing field', delivered({ data: { ...event, user_id: undefined } })],
])('a reader refuses %s', (_what, envelope) => {
  expect(parseCloudEvent('task.created', envelope).success).toBe(false);
});
