import type { FunctionDefinition, HttpMethod, HttpTrigger, Trigger } from './defineFunction.ts';

/** Where a function is called, and by whom: clients from outside, or the Dapr sidecar from inside. */
export interface Route {
  audience: 'public' | 'internal';
  method: HttpMethod;
  path: string;
}

/**
 * The one route of a trigger: its own for HTTP, `/events/task-created` for an event, `/events/dead-letter` for what comes
 * from a dead-letter topic, `/bindings/<name>` for a cron, `/job/<name>` for a job.
 */
export function routeOf(trigger: Trigger): Route {
  if ('http' in trigger) {
    const [method, path] = trigger.http.split(' ') as [HttpMethod, string];
    return { audience: 'public', method, path };
  }
  return { audience: 'internal', method: 'POST', path: internalPath(trigger) };
}

function internalPath(trigger: Exclude<Trigger, HttpTrigger>): string {
  if ('event' in trigger) return `/events/${trigger.event.replace('.', '-')}`;
  if ('deadLetters' in trigger) return '/events/dead-letter';
  return 'job' in trigger ? `/job/${trigger.job}` : `/bindings/${trigger.binding}`;
}

/** A function's name in lower-case kebab form, as Kubernetes and Dapr want names: `create-task`. */
export function resourceName(definition: FunctionDefinition): string {
  return definition.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
