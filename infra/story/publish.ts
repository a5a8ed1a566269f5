import { PUBSUB_NAME } from '../../shared/events/catalogue.ts';
import type { Capabilities } from './world.ts';

/** Publishes CloudEvents through a sidecar, as they are; rejects where it does not take one. */
export function publishThrough(daprUrl: string, apiToken: string): Capabilities['publish'] {
  const headers = { 'content-type': 'application/cloudevents+json', 'dapr-api-token': apiToken };
  return async (topic, event, key) => {
    const url = `${daprUrl}/v1.0/publish/${PUBSUB_NAME}/${topic}?metadata.partitionKey=${key}`;
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event) });
    if (response.status !== 204) throw new Error(`publishing answered ${response.status}: ${await response.text()}`);
  };
}
