import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { catalogue, deadLetterTopic, eventTypes } from '../../shared/events/catalogue.ts';
import { loadFunctions } from '../functions.ts';
import { subscriptions } from './dapr.ts';

interface Subscription {
  metadata: { name: string };
  spec: { topic: string; deadLetterTopic?: string; routes: { default: string }; metadata?: { rawPayload?: string } };
}
const documents = async () => {
  const yaml = parseAllDocuments(subscriptions(await loadFunctions()));
  return yaml.map((document): Subscription => document.toJS());
};

test('every dead letter is delivered, also what is no JSON, and is never given up', async () => {
  const ofDeadLetters = (await documents()).filter(({ spec }) => spec.routes.default === '/events/dead-letter');
  expect(ofDeadLetters.map(({ spec }) => spec.topic)).toEqual(
    eventTypes.map((type) => deadLetterTopic(catalogue[type].topic)),
  );
  for (const { spec } of ofDeadLetters) {
    expect(spec.metadata).toEqual({ rawPayload: 'true' });
    expect(spec).not.toHaveProperty('deadLetterTopic');
  }
});

test('every event that a function takes has a dead-letter topic, to which somebody subscribes', async () => {
  const all = await documents();
  const subscribed = all.map(({ spec }) => spec.topic);
  const ofEvents = all.filter(({ spec }) => spec.routes.default !== '/events/dead-letter');
  expect(ofEvents.length).toBeGreaterThan(0);
  for (const { spec } of ofEvents) expect(subscribed).toContain(spec.deadLetterTopic);
});

test('no two subscriptions have one name, which Dapr takes for one', async () => {
  const names = (await documents()).map(({ metadata }) => metadata.name);
  expect(new Set(names).size).toBe(names.length);
});
