import * as z from 'zod';
import { type Task, taskSchema } from '../../shared/domain/task.ts';
import { parseJson } from '../../shared/events/json.ts';
import type { Ledger } from './ledger.ts';

/** Clients of the API that note what it promises them, and repeat nothing by themselves. */
export interface Client {
  /** The task, where it was acknowledged. Its title must be one of its own. */
  create(kind: string, userId: string, body: { title: string }): Promise<Task | undefined>;
  /** Completes a task that was acknowledged. */
  complete(kind: string, userId: string, taskId: string): Promise<void>;
  /** Sends a request as it is, and notes nothing. Resolves to nothing where no answer came: it may have been done. */
  send(userId: string, request: ApiRequest): Promise<ApiAnswer | undefined>;
  /** Whether the user has a notification of this task; rejects where the API can't say. */
  hasNotification(userId: string, taskId: string): Promise<boolean>;
}

/** A request of the API; `body` is JSON, and `contentType` says which kind. */
export interface ApiRequest {
  method: string;
  path: string;
  body?: string;
  contentType?: string;
  idempotencyKey?: string;
  /** A version of the task, sent as its entity tag. */
  ifMatch?: number | undefined;
  /** The client hangs up so many milliseconds after it began to send; left out, when nothing comes any more. */
  hangUpAfterMs?: number;
}

/** An answer, its body not parsed. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** Longer than a function's own limits: what takes longer was cut somewhere. */
const REQUEST_TIMEOUT_MS = 20_000;

const notificationsPage = z.object({ items: z.array(z.object({ taskId: z.string() })) });

export function createClient(
  { apiUrl, token }: { apiUrl: string; token: (userId: string) => Promise<string> },
  ledger: Ledger,
): Client {
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (userId: string) => {
    const known = tokens.get(userId) ?? token(userId);
    tokens.set(userId, known);
    return known;
  };

  async function send(userId: string, request: ApiRequest): Promise<ApiAnswer | undefined> {
    const { method, path, body, contentType = 'application/json', idempotencyKey, ifMatch } = request;
    const { hangUpAfterMs = REQUEST_TIMEOUT_MS } = request;
    const authorization = `Bearer ${await tokenOf(userId)}`;
    try {
      const response = await fetch(apiUrl + path, {
        method,
        signal: AbortSignal.timeout(hangUpAfterMs),
        headers: {
          authorization,
          ...(body !== undefined && { 'content-type': contentType }),
          ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body !== undefined && { body }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch {
      return undefined;
    }
  }

  async function call(userId: string, method: string, path: string, body?: object): Promise<Answer | undefined> {
    const answer = await send(userId, { method, path, ...(body && { body: JSON.stringify(body) }) });
    return answer && { status: answer.status, body: parseJson(answer.text) };
  }

  return {
    send,

    async create(kind, userId, body) {
      const answer = await call(userId, 'POST', '/tasks', body);
      const task = answer?.status === 201 ? taskSchema.safeParse(answer.body).data : undefined;
      if (task?.title === body.title) {
        ledger.created.push({ userId, task });
        ledger.count(kind, 'acknowledged');
        return task;
      }
      if (isUncertain(answer)) ledger.unknownTitles.push(body.title);
      else ledger.contradictions.push(`POST /tasks of ${body.title}: ${JSON.stringify(answer)}`);
      ledger.count(kind, isUncertain(answer) ? 'unknown' : 'refused');
      return undefined;
    },

    async complete(kind, userId, taskId) {
      const answer = await call(userId, 'POST', `/tasks/${taskId}/complete`);
      const task = answer?.status === 200 ? taskSchema.safeParse(answer.body).data : undefined;
      if (task?.status === 'completed') {
        ledger.completed.push({ task, acknowledgedAt: new Date().toISOString() });
        return ledger.count(kind, 'acknowledged');
      }
      // 409: another request completed it at the same time. Whatever else is certain contradicts that the task is there.
      if (!isUncertain(answer) && answer.status !== 409) {
        ledger.contradictions.push(`POST /tasks/${taskId}/complete: ${JSON.stringify(answer)}`);
      }
      ledger.count(kind, isUncertain(answer) ? 'unknown' : 'refused');
    },

    async hasNotification(userId, taskId) {
      const answer = await call(userId, 'GET', '/notifications?limit=100');
      if (answer?.status !== 200) throw new Error(`GET /notifications answers ${answer?.status ?? 'nothing'}`);
      return notificationsPage.parse(answer.body).items.some((notification) => notification.taskId === taskId);
    },
  };
}

interface Answer {
  status: number;
  body: unknown;
}

/** Whether nobody can say what was done: no answer, or a server's error. */
export function isUncertain(answer: { status: number } | undefined): answer is undefined {
  return answer === undefined || answer.status >= 500;
}
