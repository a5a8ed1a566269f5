import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { changesSchema } from '../../shared/domain/changeFeed.ts';
import { type DeadLetterSummary, deadLetterSchema } from '../../shared/domain/deadLetter.ts';
import { notificationSchema } from '../../shared/domain/notification.ts';
import { type SeriesView, seriesSchema } from '../../shared/domain/series.ts';
import { statsSchema } from '../../shared/domain/stats.ts';
import { type Task, taskSchema } from '../../shared/domain/task.ts';

/** What a chapter can do to the system that it runs on, whatever that is made of. */
export interface World {
  apiUrl: string;
  /** The API as the sidecar's callers reach it, by service invocation, and what the sidecar asks of them. */
  invocation: { url: string; apiToken: string };
  token(userId: string, scope?: string): Promise<string>;
  /** Publishes a CloudEvent as it is, past the functions, and resolves once the broker has it. */
  publish(topic: string, event: object, key: string): Promise<void>;
  /** How often a function took this event, as its log tells: handled it, or found that it had. */
  deliveries(eventId: string): number;
  /** Names of the functions whose logs tell of this trace. */
  functionsInTrace(traceId: string): ReadonlySet<string>;
  /** Types of the events of a task that the broker took, in its order. */
  publishedTypes(taskId: string): Promise<string[]>;
  /** Names of the functions that went from zero to one process, and back to zero, since the start. */
  wokenAndSlept(): ReadonlySet<string>;
  functionNames: readonly string[];
  /** E-mails that were sent, oldest first. */
  emails(): readonly { recipients: readonly string[]; subject: string }[];
  sidecar: { stop(): Promise<void>; start(): Promise<void> };
}

/** Tells what was seen, for the timeline. */
export type Narrate = (what: string) => void;

/** A part of the story: it throws where something does not happen as it should. */
export interface Chapter {
  title: string;
  run(world: World, narrate: Narrate): Promise<void>;
}

/** What a user of the API sees. */
export interface User {
  createTask(task: object): Promise<Task>;
  getTask(id: string): Promise<Task>;
  /** Changes a task by a merge patch, at the version that is given. */
  updateTask(id: string, version: number, patch: object): Promise<Task>;
  completeTask(id: string): Promise<Task>;
  reopenTask(id: string): Promise<Task>;
  deleteTask(id: string): Promise<Task>;
  restoreTask(id: string): Promise<Task>;
  snoozeReminder(taskId: string, id: string, until: object): Promise<Task>;
  dismissReminder(taskId: string, id: string): Promise<Task>;
  /** What has changed since a cursor, or everything. */
  changes(since?: string): Promise<z.output<typeof changesSchema>>;
  /** What was created and done today, in UTC. */
  today(): Promise<{ created: number; completed: number }>;
  readNotification(id: string): Promise<z.output<typeof notificationSchema>>;
  listTasks(): Promise<Task[]>;
  /** Messages of the user's notifications, oldest first. */
  notifications(): Promise<z.output<typeof notificationSchema>[]>;
  series: SeriesOfUser;
}

/** What a user of the API sees of recurring tasks. */
export interface SeriesOfUser {
  list(state: SeriesView['state']): Promise<SeriesView[]>;
  get(id: string): Promise<SeriesView>;
  /** Changes a series by a merge patch, at the version that is given. */
  update(id: string, version: number, patch: object): Promise<SeriesView>;
  pause(id: string): Promise<SeriesView>;
  resume(id: string): Promise<SeriesView>;
  end(id: string): Promise<SeriesView>;
  skip(id: string, occurrence: string): Promise<SeriesView>;
  /** Begins another series at the slot `from`. */
  split(id: string, from: string, changes: object): Promise<SeriesView>;
}

const tasksPage = z.object({ items: z.array(taskSchema) });
const seriesPage = z.object({ items: z.array(seriesSchema) });
const notificationsPage = z.object({ items: z.array(notificationSchema) });

/** What an administrator sees of what no function could take. */
export interface Administrator {
  deadLetters(): Promise<DeadLetterSummary[]>;
  getDeadLetter(id: string): Promise<DeadLetterSummary>;
  replay(id: string): Promise<DeadLetterSummary>;
  /** Tries to replay a letter that cannot be read, and resolves to why that is refused. */
  refusedReplay(id: string): Promise<string>;
}

const deadLettersPage = z.object({ items: z.array(deadLetterSchema) });
const refusal = z.object({ detail: z.string() });

/** Signs a user in, all of whose requests belong to this trace where one is given (W3C `traceparent`). */
export async function signIn(world: World, userId: string, traceparent?: string): Promise<User> {
  const authorization = `Bearer ${await world.token(userId)}`;
  return userOf(caller(world.apiUrl, { authorization, ...(traceparent && { traceparent }) }));
}

/** What another service sees that calls the API for a user, by service invocation. */
export interface InvokingService extends User {
  /** Resolves to the status of a `GET` that fails, for nobody where `anonymous`. */
  refused(path: string, anonymous?: 'anonymous'): Promise<number>;
}

/** Signs a service in that calls the API through the sidecar. */
export async function signInService(world: World, userId: string): Promise<InvokingService> {
  const { url, apiToken } = world.invocation;
  const own = { 'dapr-api-token': apiToken };
  const headers = { ...own, authorization: `Bearer ${await world.token(userId)}` };
  return {
    ...userOf(caller(url, headers)),
    async refused(path, anonymous) {
      const response = await fetch(url + path, { headers: anonymous ? own : headers });
      const problem: unknown = await response.json();
      expect(z.object({ title: z.string() }).safeParse(problem).success, 'problem details', problem);
      return response.status;
    },
  };
}

function userOf(call: ReturnType<typeof caller>): User {
  return {
    createTask: (task) => call('POST', '/tasks', 201, taskSchema, task),
    getTask: (id) => call('GET', `/tasks/${id}`, 200, taskSchema),
    updateTask: (id, version, patch) =>
      call('PATCH', `/tasks/${id}`, 200, taskSchema, patch, { 'if-match': `"${version}"` }),
    completeTask: (id) => call('POST', `/tasks/${id}/complete`, 200, taskSchema),
    reopenTask: (id) => call('POST', `/tasks/${id}/reopen`, 200, taskSchema),
    deleteTask: (id) => call('DELETE', `/tasks/${id}`, 200, taskSchema),
    restoreTask: (id) => call('POST', `/tasks/${id}/restore`, 200, taskSchema),
    snoozeReminder: (taskId, id, until) =>
      call('POST', `/tasks/${taskId}/reminders/${id}/snooze`, 200, taskSchema, until),
    dismissReminder: (taskId, id) => call('POST', `/tasks/${taskId}/reminders/${id}/dismiss`, 200, taskSchema),
    changes: (since) => call('GET', `/changes${since ? `?since=${since}` : ''}`, 200, changesSchema),
    async today() {
      const { days } = await call('GET', '/stats?timeZone=UTC', 200, statsSchema);
      return days.at(-1) ?? { created: 0, completed: 0 };
    },
    readNotification: (id) => call('POST', `/notifications/${id}/read`, 200, notificationSchema),
    listTasks: async () => (await call('GET', '/tasks?limit=100', 200, tasksPage)).items,
    notifications: async () => (await call('GET', '/notifications?limit=100', 200, notificationsPage)).items.reverse(),
    series: seriesOfUser(call),
  };
}

function seriesOfUser(call: ReturnType<typeof caller>): SeriesOfUser {
  return {
    list: async (state) => (await call('GET', `/series?state=${state}`, 200, seriesPage)).items,
    get: (id) => call('GET', `/series/${id}`, 200, seriesSchema),
    update: (id, version, patch) =>
      call('PATCH', `/series/${id}`, 200, seriesSchema, patch, { 'if-match': `"${version}"` }),
    pause: (id) => call('POST', `/series/${id}/pause`, 200, seriesSchema),
    resume: (id) => call('POST', `/series/${id}/resume`, 200, seriesSchema),
    end: (id) => call('POST', `/series/${id}/end`, 200, seriesSchema),
    skip: (id, occurrence) => call('POST', `/series/${id}/skip`, 200, seriesSchema, { occurrence }),
    split: (id, from, changes) => call('POST', `/series/${id}/split`, 201, seriesSchema, { from, ...changes }),
  };
}

/** Signs an administrator in. */
export async function signInAsAdministrator(world: World): Promise<Administrator> {
  const call = caller(world.apiUrl, { authorization: `Bearer ${await world.token('operator', 'admin')}` });
  return {
    deadLetters: async () => (await call('GET', '/admin/dead-letters?limit=100', 200, deadLettersPage)).items,
    getDeadLetter: (id) => call('GET', `/admin/dead-letters/${id}`, 200, deadLetterSchema),
    replay: (id) => call('POST', `/admin/dead-letters/${id}/replay`, 200, deadLetterSchema),
    refusedReplay: async (id) => (await call('POST', `/admin/dead-letters/${id}/replay`, 422, refusal)).detail,
  };
}

/** Calls the API with these headers. Every answer is checked against the API's schemas. */
export function caller(apiUrl: string, own: Readonly<Record<string, string>>) {
  return async <T>(
    method: string,
    path: string,
    status: number,
    schema: z.ZodType<T>,
    body?: object,
    more: Readonly<Record<string, string>> = {},
  ) => {
    const response = await fetch(apiUrl + path, {
      method,
      headers: { ...own, ...more, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    expect(response.status === status, `${method} ${path} answers ${status}`, { status: response.status, answer });
    return schema.parse(answer);
  };
}

/** Throws unless `condition` holds, saying what was expected and what was seen. */
export function expect(condition: boolean, what: string, seen: unknown): asserts condition {
  if (!condition) throw new Error(`expected: ${what}; seen: ${JSON.stringify(seen)}`);
}

/** Longer than any wait of the story on a slow machine: what has not happened by then does not happen. */
const PATIENCE_MS = 30_000;

/** Looks again and again until `look` finds something; throws when it never does. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`did not happen within ${PATIENCE_MS / 1000} s: ${what}`);
    await sleep(200);
  }
}
