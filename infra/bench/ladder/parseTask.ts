import { newTaskSchema } from '../../../shared/domain/task.ts';
import { readJson } from '../../../shared/runtime/requestBody.ts';
import type { Step } from './serveSteps.ts';

/** Reads a new task, as createTask does. */
export const parseTask = (): Step => async (c) =>
  newTaskSchema.parse(await readJson(c.req.raw, { contentTypes: ['application/json'], limit: 65_536 }));
