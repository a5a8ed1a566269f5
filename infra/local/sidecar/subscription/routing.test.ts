import { describe, expect, it } from 'vitest';
import { programmaticSubscription } from './routing.ts';

function rule(match: string) {
  const routes = { rules: [{ match, path: '/special' }], default: '/rest' };
  return programmaticSubscription({ pubsubname: 'p', topic: 't', routes }).rules[0];
}

describe('a rule', () => {
  const event = { type: 'task.created', data: { version: 2, urgent: true, title: 'say "hi"' } };

  it.each([
    [`event.type == "task.created"`, true],
    [`event.type == 'task.created'`, true],
    [`event.type=="task.updated"`, false],
    [`event.type != "task.updated"`, true],
    ['event.data.version == 2', true],
    ['event.data.urgent == true && event.data.version != 2', false],
    [`event.data.title == "say \\"hi\\""`, true],
    [`event.data.missing.deeper == "x"`, false],
  ])('%s matches: %s', (match, expected) => {
    expect(rule(match)?.matches(event)).toBe(expected);
  });

  it.each(['event.type.startsWith("task")', 'event.type == "a" || event.type == "b"', 'true', ''])(
    'that asks for more than comparisons is refused: %s',
    (match) => {
      expect(() => rule(match)).toThrow("can't be evaluated here");
    },
  );
});

describe('a subscription is refused', () => {
  it('without a route', () => {
    expect(() => programmaticSubscription({ pubsubname: 'p', topic: 't' })).toThrow(
      'the subscription to t has no route',
    );
  });

  it('for bulk delivery', () => {
    const declared = { pubsubname: 'p', topic: 't', route: '/r', bulkSubscribe: { enabled: true } };
    expect(() => programmaticSubscription(declared)).toThrow('bulk delivery, which is not offered here');
  });
});
