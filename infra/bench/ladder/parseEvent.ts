import { parseCloudEvent } from '../../../shared/events/event.ts';
import { readJson } from '../../../shared/runtime/requestBody.ts';
import type { Step } from './serveSteps.ts';

/** Reads an event of a new task, as onTaskCreated does. */
export const parseEvent = (): Step => async (c) => {
  const event = await readJson(c.req.raw, { contentTypes: ['application/cloudevents+json'], limit: 65_536 });
  const { error } = parseCloudEvent('task.created', event);
  if (error) throw error;
};
