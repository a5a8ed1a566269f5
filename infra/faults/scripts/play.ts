import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { notificationSchema } from '../../../shared/domain/notification.ts';
import { type Task, taskSchema } from '../../../shared/domain/task.ts';
import { parseJson } from '../../../shared/events/json.ts';
import type { ApiAnswer, ApiRequest } from '../client.ts';
import type { AnsweredWrite } from '../ledger.ts';
import { bodyOf, dueOf } from '../plannedTask.ts';
import type { Sent } from './model.ts';
import { type SendOptions, sendAndRepeat } from './repeat.ts';
import type { Action, Script, ScriptWrite } from './script.ts';

export interface PlayOptions extends SendOptions {
  /** Resolves when the load may write again. */
  takeTurn: () => Promise<void>;
}

const page = z.object({ items: z.array(notificationSchema) });

/**
 * Creates a script's task and writes to it, one write after the other, each until it is answered. Notes the script in
 * the ledger when all of them were; a write that never was contradicts that the system came back. Resolves to the task
 * as it was created.
 */
export async function playScript(
  { user, script }: { user: string; script: Script },
  options: PlayOptions,
): Promise<Task | undefined> {
  const { ledger, takeTurn } = options;
  const body = JSON.stringify(bodyOf(script.task, new Date()));
  const creation = { method: 'POST', path: '/tasks', body, idempotencyKey: randomUUID() };
  const repeat = script.repeatCreation;
  const answer = await sendAndRepeat({ userId: user, kind: 'script: create', request: creation, repeat }, options);
  const created = answer?.status === 201 ? taskOf(answer) : undefined;
  if (created?.title !== script.task.title) {
    ledger.contradictions.push(`POST /tasks of ${script.task.title}: ${described(answer)}`);
    return undefined;
  }
  const writes: AnsweredWrite[] = [];
  let version: number | undefined = created.version;
  for (const write of script.writes) {
    await sleep(write.pauseMs);
    await takeTurn();
    if (write.action.kind === 'read') {
      await readNotification(user, { choice: write.action.choice, repeat: write.repeat }, options);
      continue;
    }
    const sent = sentAt(write.action, created, new Date());
    if (!sent) continue;
    const ifMatch = write.guarded ? version : undefined;
    const answered = await sendWrite(user, { taskId: created.id, sent, ifMatch, repeat: write.repeat }, options);
    if (!answered) {
      ledger.contradictions.push(`${sent.kind} of ${created.id} was never answered`);
      return created;
    }
    writes.push(answered);
    // After 412 the client does not know it; nor needs it to, for what was refused for another reason.
    if (answered.task || answered.status === 412) version = answered.task?.version;
  }
  ledger.scripts.push({ userId: user, created, writes });
  return created;
}

async function sendWrite(
  userId: string,
  {
    taskId,
    repeat,
    ...write
  }: { taskId: string; repeat: ScriptWrite['repeat'] } & Pick<AnsweredWrite, 'sent' | 'ifMatch'>,
  options: PlayOptions,
): Promise<AnsweredWrite | undefined> {
  const { sent, ifMatch } = write;
  const firstSentAt = new Date().toISOString();
  const answer = await sendAndRepeat(
    { userId, kind: `script: ${sent.kind}`, request: { ...requestOf(taskId, sent), ifMatch }, repeat },
    options,
  );
  if (!answer) return undefined;
  return {
    ...write,
    sentAt: firstSentAt,
    acknowledgedAt: new Date().toISOString(),
    status: answer.status,
    task: taskOf(answer),
  };
}

function requestOf(taskId: string, sent: Sent): ApiRequest {
  const path = `/tasks/${taskId}`;
  const idempotencyKey = randomUUID();
  if (sent.kind === 'delete') return { method: 'DELETE', path, idempotencyKey };
  if (sent.kind === 'update') {
    // Both are taken, so both are sent.
    const contentType = sent.patch.title === undefined ? 'application/merge-patch+json' : 'application/json';
    return { method: 'PATCH', path, contentType, body: JSON.stringify(sent.patch), idempotencyKey };
  }
  const reminder = 'reminderId' in sent ? `/reminders/${sent.reminderId}` : '';
  const body = sent.kind === 'snooze' ? { body: JSON.stringify({ for: `PT${sent.seconds}S` }) } : {};
  return { method: 'POST', path: `${path}${reminder}/${sent.kind}`, ...body, idempotencyKey };
}

/** An action as it is sent at a moment; undefined where the task has no reminder that it could be about. */
export function sentAt(action: Exclude<Action, { kind: 'read' }>, created: Task, now: Date): Sent | undefined {
  if (action.kind === 'snooze' || action.kind === 'dismiss') {
    const { choice, ...rest } = action;
    const reminderId = created.reminders[Math.floor(choice * created.reminders.length)]?.id;
    return reminderId === undefined ? undefined : { ...rest, reminderId };
  }
  if (action.kind !== 'update') return action;
  const { due, ...patch } = action.patch;
  return { kind: 'update', patch: { ...patch, ...(due && { due: dueOf(due, now) }) } };
}

/** Marks one of the user's latest notifications as read, which may have been read before; nothing where there is none. */
async function readNotification(
  userId: string,
  { choice, repeat }: { choice: number; repeat: ScriptWrite['repeat'] },
  options: PlayOptions,
): Promise<void> {
  const { insist, ledger } = options;
  const list = await insist(userId, 'notifications', { method: 'GET', path: '/notifications?limit=50' });
  const { items } = page.catch({ items: [] }).parse(parseJson(list?.text ?? ''));
  const chosen = items[Math.floor(choice * items.length)];
  if (!chosen) return;
  const request = { method: 'POST', path: `/notifications/${chosen.id}/read`, idempotencyKey: randomUUID() };
  const answer = await sendAndRepeat({ userId, kind: 'script: read', request, repeat }, options);
  const { data } = notificationSchema.safeParse(parseJson(answer?.text ?? ''));
  if (answer?.status === 200 && data?.id === chosen.id && data.readAt) {
    ledger.readings.push({ userId, id: chosen.id, readAt: data.readAt });
  } else ledger.contradictions.push(`${request.method} ${request.path}: ${described(answer)}`);
}

function taskOf({ status, text }: ApiAnswer): Task | undefined {
  return status < 300 ? taskSchema.safeParse(parseJson(text)).data : undefined;
}

function described(answer: ApiAnswer | undefined): string {
  return answer ? `${answer.status} ${answer.text}` : 'never answered';
}
