import * as z from 'zod';
import { changesSchema } from '../../shared/domain/changeFeed.ts';
import { notificationSchema } from '../../shared/domain/notification.ts';
import { type SeriesView, seriesSchema } from '../../shared/domain/series.ts';
import { statsSchema } from '../../shared/domain/stats.ts';
import { type Task, taskSchema } from '../../shared/domain/task.ts';
import { type Call, caller, sendUntilAnswered } from './call.ts';
import { expect } from './look.ts';
import type { World, WorldWith } from './world.ts';

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
  /** Everything, or all that has changed since a cursor. */
  changes(since?: string): Promise<Pick<z.output<typeof changesSchema>, 'changes' | 'next'>>;
  /** What was created and done since the beginning of a day in UTC: a day's own would end at midnight. */
  countedSince(day: string): Promise<{ created: number; completed: number }>;
  readNotification(id: string): Promise<z.output<typeof notificationSchema>>;
  /** The instances of a series, the newest first. */
  instances(seriesId: string): Promise<Task[]>;
  /** The user's notifications of a task, oldest first. */
  notifications(taskId: string): Promise<z.output<typeof notificationSchema>[]>;
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
const problemSchema = z.object({ title: z.string() });

/** Signs a user in, all of whose requests belong to this trace where one is given (W3C `traceparent`). */
export async function signIn(world: World, name: string, traceparent?: string): Promise<User> {
  return userOf(caller(world, { ...(await authorization(world, name)), ...(traceparent && { traceparent }) }));
}

/** The header by which a user is known. */
export async function authorization(world: World, name: string): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${(await world.user(name)).token}` };
}

/** What another service sees that calls the API for a user, by service invocation. */
export interface InvokingService extends User {
  /** Resolves to the status of a `GET` that fails, for nobody where `anonymous`. */
  refused(path: string, anonymous?: 'anonymous'): Promise<number>;
}

/** Signs a service in that calls the API through the sidecar. */
export async function signInService(world: WorldWith<'invocation'>, name: string): Promise<InvokingService> {
  const own = await authorization(world, name);
  return {
    ...userOf(caller(world, own, world.invocation)),
    async refused(path, anonymous) {
      const request = { path, headers: anonymous ? {} : own };
      const { status, body } = await sendUntilAnswered(world.invocation, request, world);
      expect(problemSchema.safeParse(JSON.parse(body)).success, 'problem details', body);
      return status;
    },
  };
}

function userOf(call: Call): User {
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
    async changes(since) {
      const all: z.output<typeof changesSchema>['changes'] = [];
      for (let cursor = since; ; ) {
        const { changes, next, more } = await call(
          'GET',
          `/changes${cursor ? `?since=${cursor}` : ''}`,
          200,
          changesSchema,
        );
        all.push(...changes);
        if (!more) return { changes: all, next };
        cursor = next;
      }
    },
    async countedSince(day) {
      const { days } = await call('GET', `/stats?timeZone=UTC&from=${day}`, 200, statsSchema);
      const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
      return { created: sum(days.map((each) => each.created)), completed: sum(days.map((each) => each.completed)) };
    },
    readNotification: (id) => call('POST', `/notifications/${id}/read`, 200, notificationSchema),
    instances: async (id) => (await call('GET', `/tasks?seriesId=${id}&limit=100`, 200, tasksPage)).items,
    async notifications(id) {
      const { items } = await call('GET', '/notifications?limit=100', 200, notificationsPage);
      return items.filter(({ taskId }) => taskId === id).reverse();
    },
    series: seriesOfUser(call),
  };
}

function seriesOfUser(call: Call): SeriesOfUser {
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
