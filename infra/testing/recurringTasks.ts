import completeTask from '../../functions/completeTask/completeTask.ts';
import createTask from '../../functions/createTask/createTask.ts';
import deleteTask from '../../functions/deleteTask/deleteTask.ts';
import getSeries from '../../functions/getSeries/getSeries.ts';
import listTasks from '../../functions/listTasks/listTasks.ts';
import onTaskCompleted from '../../functions/onTaskCompleted/onTaskCompleted.ts';
import onTaskDeleted from '../../functions/onTaskDeleted/onTaskDeleted.ts';
import recurringCron from '../../functions/recurringCron/recurringCron.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import type { Task } from '../../shared/domain/task.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import type { FunctionDefinition } from '../../shared/runtime/defineFunction.ts';
import type { Answer, TestPlatform } from './testApp.ts';

/** The recurring tasks of one user, and the functions and events that move them on. */
export interface RecurringTasks {
  /** Creates a recurring task, as it is at `now`. */
  start(task: object, now: string): Promise<Task>;
  /** Starts a daily series on 1 March 2026, whose first instance, of 2 March at 09:00 UTC, is open and ahead. */
  startDaily(recurrence?: object): Promise<Task>;
  /** Completes a task and delivers the event of it. */
  complete(task: { id: string }, now: string): Promise<Task>;
  /** Deletes a task and delivers the event of it. */
  remove(task: { id: string }, now: string): Promise<Task>;
  /** Lets the cron tick. */
  tick(now: string): Promise<void>;
  /** Sends a request to any function. */
  call<Body>(definition: FunctionDefinition, path: string, body?: unknown, headers?: object): Promise<Answer<Body>>;
  series(task: { seriesId: string | null }): Promise<SeriesView>;
  /** Its tasks, by slot. */
  instances(): Promise<Task[]>;
  /** Slots of its open tasks, in order. */
  open(): Promise<(string | null)[]>;
  /** Its only open task. */
  onlyOpen(): Promise<Task>;
}

/** The recurring tasks of a user on a test platform. */
export function recurringTasksOf(platform: TestPlatform, userId = 'alice'): RecurringTasks {
  const call: RecurringTasks['call'] = (definition, path, body, headers = {}) =>
    platform.app(definition).call(userId, path, body, { ...headers });
  const answered = async <Body>(answer: Promise<Answer<Body>>): Promise<Body> => {
    const { status, body } = await answer;
    if (status >= 400) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const deliver = async (type: 'task.completed' | 'task.deleted', id: string) => {
    const handler = type === 'task.completed' ? onTaskCompleted : onTaskDeleted;
    const event = platform.published.findLast((each) => each.type === type && each.subject === id);
    if (!event) return;
    const response = await platform.app(handler).deliver(event.data as TaskEvent);
    if (response.status !== 200) throw new Error(`${handler.name} answered ${response.status}`);
  };
  const instances = async () => {
    const { items } = await answered(call<{ items: Task[] }>(listTasks, '/tasks?limit=100'));
    return items.sort((a, b) => ((a.occurrence ?? '') < (b.occurrence ?? '') ? -1 : 1));
  };
  const openTasks = async () => (await instances()).filter(({ status }) => status === 'open');
  const start: RecurringTasks['start'] = (task, now) => {
    platform.now = new Date(now);
    return answered(call<Task>(createTask, '/tasks', task));
  };
  return {
    call,
    instances,
    start,
    startDaily(recurrence = {}) {
      const due = { dateTime: '2026-03-02T09:00', timeZone: 'UTC' };
      const task = { title: 'Water the plants', due, recurrence: { rule: 'FREQ=DAILY', ...recurrence } };
      return start(task, '2026-03-01T12:00:00Z');
    },
    async complete({ id }, now) {
      platform.now = new Date(now);
      const task = await answered(call<Task>(completeTask, `/tasks/${id}/complete`));
      await deliver('task.completed', id);
      return task;
    },
    async remove({ id }, now) {
      platform.now = new Date(now);
      const task = await answered(call<Task>(deleteTask, `/tasks/${id}`));
      await deliver('task.deleted', id);
      return task;
    },
    async tick(now) {
      platform.now = new Date(now);
      const { status } = await platform.app(recurringCron).tick();
      if (status !== 200) throw new Error(`the cron answered ${status}`);
    },
    series: ({ seriesId }) => answered(call<SeriesView>(getSeries, `/series/${seriesId}`)),
    open: async () => (await openTasks()).map(({ occurrence }) => occurrence),
    async onlyOpen() {
      const [task, ...others] = await openTasks();
      if (!task || others.length > 0) throw new Error(`${others.length + (task ? 1 : 0)} tasks are open`);
      return task;
    },
  };
}
