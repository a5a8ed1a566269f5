import { isDeepStrictEqual } from 'node:util';
import type { Task } from '../../../shared/domain/task.ts';
import type { EventType } from '../../../shared/events/catalogue.ts';
import type { AnsweredWrite, PlayedScript } from '../ledger.ts';
import { differences, outcomeOf } from './model.ts';
import { afterReminder } from './reminding.ts';

/** An event of a task as the outbox has it. */
export interface WrittenEvent {
  id: string;
  type: EventType;
  /** RFC 3339. */
  occurredAt: string;
  data: { version: number } & Record<string, unknown>;
}

/** What a script and the events of its task come to, and where they disagree, each in words. */
export interface Replay {
  /** The task as it must be in the end. */
  task: Task;
  /** Events that are missing, too many, or out of order. */
  sequence: string[];
  /** Events that tell something else than what was written. */
  contents: string[];
  /** Answers that are not what the writes before them make. */
  answers: string[];
  /** Reminders that were sent when they were not to be. */
  reminders: string[];
}

/** Makes a script's task anew from what was written to it, in the order in which its events stand. */
export function replay({ created, writes }: PlayedScript, events: readonly WrittenEvent[]): Replay {
  const result: Replay = { task: created, sequence: [], contents: [], answers: [], reminders: [] };
  const rest = [...events];
  const place = `task ${created.id}`;

  const first = rest[0]?.type === 'task.created' ? rest.shift() : undefined;
  if (!first) result.sequence.push(`${place} does not begin with task.created`);
  else compareData(first, snapshotOf(created));
  for (const [index, write] of writes.entries()) take(write, `${place}, write ${index} (${write.sent.kind})`);
  takeReminders(() => true);
  for (const { type, id } of rest) result.sequence.push(`${place} has ${type} ${id}, which nobody wrote`);
  return result;

  function take(write: AnsweredWrite, name: string): void {
    const at = write.task?.updatedAt ?? write.acknowledgedAt;
    const { kind } = outcomeOf(result.task, write.sent, at);
    if (write.status === 412 && kind !== 'refused') {
      // Only a reminder can have come between this client's writes.
      if (rest[0]?.type !== 'reminder.due')
        result.answers.push(`${name}: 412, though version ${write.ifMatch} was the last`);
      return;
    }
    if (kind !== 'refused') takeReminders(({ data }) => data.version <= (write.task?.version ?? 0));
    // Looked at anew: what has reminded meanwhile is not cancelled.
    const outcome = outcomeOf(result.task, write.sent, at);
    if (outcome.kind !== 'refused' && write.ifMatch !== undefined && write.ifMatch !== result.task.version) {
      result.answers.push(`${name} was made on version ${result.task.version}, not ${write.ifMatch}`);
    }
    if (outcome.kind === 'changed') {
      if (at < write.sentAt || at > write.acknowledgedAt) result.answers.push(`${name} was not made at ${at}`);
      const event = rest[0]?.type === outcome.type ? rest.shift() : undefined;
      if (!event) result.sequence.push(`${name}: no ${outcome.type}, but ${rest[0]?.type ?? 'nothing'}`);
      else {
        if (event.data.version !== outcome.task.version) result.sequence.push(`${name}: version ${event.data.version}`);
        compareData(event, { ...snapshotOf(outcome.task), ...(outcome.type === 'task.updated' && changesOf(outcome)) });
      }
      result.task = outcome.task;
    }
    if (outcome.kind !== 'refused') compareAnswer(write, name);
    else if (write.status !== outcome.status) result.answers.push(`${name}: ${write.status}, not ${outcome.status}`);
  }

  function changesOf({ changed }: { changed: string[] }) {
    const { task } = result;
    return { changed, previous: task.deletedAt === null ? milestonesOf(task) : null };
  }

  function takeReminders(belongs: (event: WrittenEvent) => boolean): void {
    for (let event = rest[0]; event?.type === 'reminder.due' && belongs(event); event = rest[0]) {
      rest.shift();
      const { task, problems } = afterReminder(result.task, event);
      result.reminders.push(...problems.map((problem) => `${place}, reminder.due ${event?.id}: ${problem}`));
      result.task = task;
    }
  }

  function compareAnswer({ status, task }: AnsweredWrite, name: string): void {
    if (status !== 200 || !task) result.answers.push(`${name} of a task that is there: ${status}`);
    else if (!isDeepStrictEqual(task, result.task)) {
      const fields = differences(result.task, task).join(', ') || 'version or time';
      result.answers.push(`${name}: ${fields} of version ${task.version}, in place of ${result.task.version}`);
    }
  }

  function compareData({ type, id, data }: WrittenEvent, expected: Record<string, unknown>): void {
    const wrong = Object.keys(expected).filter(
      (name) => !isDeepStrictEqual(sorted(data[name]), sorted(expected[name])),
    );
    if (wrong.length > 0) result.contents.push(`${place}, ${type} ${id}: ${wrong.join(', ')}`);
  }
}

/** What every event of a task tells of it. */
function snapshotOf(task: Task) {
  const { version, title, priority, tags, seriesId } = task;
  return { version, title, priority, tags, series_id: seriesId, ...milestonesOf(task) };
}

function milestonesOf({ createdAt, dueAt, completedAt }: Task) {
  return { created_at: createdAt, due_at: dueAt, completed_at: completedAt };
}

/** Names in any order are the same names; nothing else of an event is a list whose order a write can change. */
function sorted(value: unknown): unknown {
  return Array.isArray(value) ? [...value].sort() : value;
}
