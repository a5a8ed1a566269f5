import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { catalogue } from './catalogue.ts';
import { type DeadLetter, describeLetter, eventToReplay } from './deadLetter.ts';
import { type TaskEvent, toCloudEvent } from './event.ts';

const event: TaskEvent<'task.deleted'> = {
  event_id: randomUUID(),
  event_type: 'task.deleted',
  timestamp: '2026-11-25T08:00:00.000Z',
  user_id: 'alice',
  task_id: randomUUID(),
  data: taskSnapshot(),
};
const envelope = toCloudEvent(event, { source: '/evolution-todo/deleteTask' });

function letter(content: unknown, changes: Partial<DeadLetter> = {}): DeadLetter {
  const payload = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  return { topic: catalogue['task.deleted'].topic, key: null, position: 'partition 0, offset 0', payload, ...changes };
}

test('a letter with an event is described by it', () => {
  expect(describeLetter(letter(envelope))).toEqual({
    id: expect.any(String),
    eventId: event.event_id,
    eventType: 'task.deleted',
    userId: 'alice',
    taskId: event.task_id,
    fault: null,
  });
});

const nothing = { eventId: null, eventType: null, userId: null, taskId: null };
test.each<[string, DeadLetter, object]>([
  ['no JSON', letter(Buffer.from('poison')), { ...nothing, fault: 'It is not JSON in UTF-8.' }],
  ['no UTF-8', letter(Buffer.from([0x22, 0xff, 0x22])), { ...nothing, fault: 'It is not JSON in UTF-8.' }],
  ['no object', letter([1]), { ...nothing, fault: expect.stringContaining('expected object') }],
  [
    'data of the wrong shape',
    letter({ ...envelope, data: 'poison' }),
    { eventId: event.event_id, taskId: event.task_id, userId: null, fault: expect.stringMatching(/^data: /) },
  ],
  ['claims that no column can hold', letter({ id: 'a\0b', type: 'x'.repeat(10_000), subject: 7 }), nothing],
  ['another topic’s event', letter({ ...envelope, type: 'task.created' }), { fault: expect.stringMatching(/^type: /) }],
  ['no topic of ours', letter(envelope, { topic: 'x' }), { fault: 'No event belongs to the topic x.' }],
  [
    'nothing, since it is too large',
    letter('', { payload: null }),
    { ...nothing, fault: 'It is too large to be kept. It is at partition 0, offset 0.' },
  ],
])('a letter with %s is described as far as can be', (_what, unreadable, description) => {
  expect(describeLetter(unreadable)).toMatchObject({ ...description, fault: expect.any(String) });
  expect(describeLetter(unreadable)).toMatchObject(description);
  expect(eventToReplay(unreadable)).toEqual({ fault: expect.any(String) });
});

test('what is wrong with a letter is told in a line, however much it is', () => {
  const created = { ...event, event_type: 'task.created', data: { tags: Array(1_000).fill(7) } };
  const unreadable = letter(
    { ...envelope, type: 'task.created', data: created },
    { topic: catalogue['task.created'].topic },
  );
  expect(describeLetter(unreadable).fault).toMatch(/; and \d+ more$/);
  expect(describeLetter(unreadable).fault?.length).toBeLessThan(500);
});

describe('letters have the same id', () => {
  const idOf = (of: DeadLetter) => describeLetter(of).id;

  test('when they hold the same event, though Dapr wrote it down otherwise', () => {
    const again = { traceparent: '00-1-1-00', ...envelope };
    expect(idOf(letter(again, { position: 'partition 0, offset 1' }))).toBe(idOf(letter(envelope)));
  });

  test('when they hold the same message that is no event', () => {
    const poison = Buffer.from('poison');
    expect(idOf(letter(poison, { position: 'partition 0, offset 1' }))).toBe(idOf(letter(poison)));
  });

  test('and no others have: not what only says that it is that event, nor the same message of another topic', () => {
    const poison = Buffer.from('poison');
    const ids = [
      letter(envelope),
      letter({ ...envelope, data: 'poison' }),
      letter(poison),
      letter(poison, { topic: catalogue['task.created'].topic }),
      letter('', { payload: null }),
      letter('', { payload: null, position: 'partition 0, offset 1' }),
    ].map(idOf);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('an event is replayed as it was', () => {
  test('with fields that are newer than this reader, and without what Dapr added', () => {
    const newer = { ...envelope, data: { ...event, colour: 'red' }, origin: 'elsewhere' };
    const delivered = { ...newer, topic: 't', pubsubname: 'p', traceid: 'x', traceparent: 'x', tracestate: '' };
    expect(eventToReplay(letter(delivered))).toEqual({ event: newer });
  });

  test('under the key of its task, also where the envelope lacks it', () => {
    const { subject, ...incomplete } = envelope;
    expect(eventToReplay(letter(incomplete))).toMatchObject({ event: { subject } });
  });
});
