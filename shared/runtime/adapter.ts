import type { Context } from 'hono';
import { serveCron } from './cron.ts';
import { serveDeadLetter } from './deadLetter.ts';
import { type FunctionDefinition, isCron, isDeadLetter, isEvent, isHttp, isJob } from './defineFunction.ts';
import { serveEvent } from './event.ts';
import { serveHttp } from './http.ts';
import type { Invocation } from './invocation.ts';
import { serveJob } from './job.ts';

/** Makes of a function what answers the requests that its trigger brings. */
export type Adapter = (invocation: Invocation) => (c: Context) => Promise<Response>;

/** The adapter of a function's trigger. Importing it brings all of them: a bundle has the one that it needs. */
export function adapterOf(definition: FunctionDefinition): Adapter {
  if (isHttp(definition)) return (invocation) => serveHttp(definition, invocation);
  if (isEvent(definition)) return (invocation) => serveEvent(definition, invocation);
  if (isDeadLetter(definition)) return (invocation) => serveDeadLetter(definition, invocation);
  if (isCron(definition)) return (invocation) => serveCron(definition, invocation);
  if (isJob(definition)) return (invocation) => serveJob(definition, invocation);
  throw new Error(`${(definition as FunctionDefinition).name} has a trigger that nothing can serve`);
}
