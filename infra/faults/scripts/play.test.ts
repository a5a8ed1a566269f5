import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import type { Task } from '../../../shared/domain/task.ts';
import type { ApiAnswer, ApiRequest, Client } from '../client.ts';
import { createLedger, type Ledger } from '../ledger.ts';
import { insistence } from './insistence.ts';
import { playScript } from './play.ts';
import type { Repeat, Script, ScriptWrite } from './script.ts';

const ID = randomUUID();
const KEY_REUSED = 'urn:evolution-todo:problem:key-reused';

let ledger: Ledger;
let requests: ApiRequest[];
/** What stands between the API and the client: what it gives is what the client gets in place of the answer. */
let mangle: (request: ApiRequest, answer: ApiAnswer) => ApiAnswer | undefined;
beforeEach(() => {
  ledger = createLedger();
  requests = [];
  mangle = (_, answer) => answer;
});

/** An API that answers every write with the task, keeps the answer, and refuses its key for another body. */
function api() {
  const kept = new Map<string, { request: string; text: string }>();
  return async (_userId: string, request: ApiRequest): Promise<ApiAnswer | undefined> => {
    requests.push(request);
    const { idempotencyKey = '', hangUpAfterMs: _, ...same } = request;
    const before = kept.get(idempotencyKey);
    if (before && before.request !== JSON.stringify(same)) {
      return { status: 422, headers: new Headers(), text: JSON.stringify({ type: KEY_REUSED }) };
    }
    const text = before?.text ?? JSON.stringify(taskOf(kept.size + 1));
    kept.set(idempotencyKey, { request: JSON.stringify(same), text });
    const headers = new Headers(before && { 'idempotency-replayed': 'true' });
    return mangle(request, { status: request.path === '/tasks' ? 201 : 200, headers, text });
  };
}

function taskOf(version: number): Task {
  const at = '2026-03-01T09:00:00.000Z';
  return {
    ...{ id: ID, title: 'x', description: null, priority: 'low', tags: [], status: 'open', due: null, dueAt: null },
    ...{ reminders: [], seriesId: null, occurrence: null, version, createdAt: at, updatedAt: at },
    ...{ completedAt: null, deletedAt: null },
  };
}

function scriptOf(repeat: Repeat, ...actions: ScriptWrite['action'][]): Script {
  const task = { title: 'x', priority: 'low' as const, tags: [], remindInSeconds: [], remindBefore: [] };
  return {
    task,
    repeatCreation: 'none',
    writes: actions.map((action) => ({ action, repeat, guarded: false, pauseMs: 0 })),
  };
}

function playWith(send: Client['send'], script: Script) {
  const insist = insistence({ send }, ledger, 1);
  return playScript({ user: 'alice', script }, { send, insist, ledger, takeTurn: async () => {} });
}

async function play(script: Script) {
  return playWith(api(), script);
}

it('sends each write to its place, with a key of its own, and notes what it was answered', async () => {
  const patch = { description: null, due: { inSeconds: 5, timeZone: 'UTC' } };
  await play(
    scriptOf('none', { kind: 'update', patch }, { kind: 'complete' }, { kind: 'delete' }, { kind: 'restore' }),
  );
  expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /tasks',
    `PATCH /tasks/${ID}`,
    `POST /tasks/${ID}/complete`,
    `DELETE /tasks/${ID}`,
    `POST /tasks/${ID}/restore`,
  ]);
  expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(5);
  expect(requests[1]?.contentType).toBe('application/merge-patch+json');
  expect(ledger.contradictions).toEqual([]);
  expect(ledger.scripts).toMatchObject([{ userId: 'alice', created: { version: 1 } }]);
  expect(ledger.scripts[0]?.writes.map(({ status, task }) => [status, task?.version])).toEqual([
    [200, 2],
    [200, 3],
    [200, 4],
    [200, 5],
  ]);
  expect(ledger.scripts[0]?.writes[0]?.sent).toEqual({ kind: 'update', patch: JSON.parse(requests[1]?.body ?? '') });
});

it('repeats a write whose answer was lost, with the same key, until it is answered', async () => {
  let lost = 0;
  mangle = (request, answer) => {
    if (request.path === '/tasks' || lost === 3) return answer;
    lost += 1;
    return lost === 1 ? undefined : { ...answer, status: lost === 2 ? 503 : 409 };
  };
  await play(scriptOf('none', { kind: 'complete' }));
  const writes = requests.slice(1);
  expect(writes).toHaveLength(4);
  expect(writes.every((request) => request.idempotencyKey === writes[0]?.idempotencyKey)).toBe(true);
  expect(ledger.scripts[0]?.writes).toMatchObject([{ status: 200, task: { version: 2 } }]);
  expect(ledger.counts.get('script: complete')).toEqual({ acknowledged: 1, refused: 1, unknown: 2 });
});

it('hangs up on a write, sends it again, and knows whether it had been done', async () => {
  mangle = (request, answer) => (request.hangUpAfterMs === undefined ? answer : undefined);
  await play(scriptOf('hung up', { kind: 'complete' }));
  const [, first, second] = requests;
  expect(requests).toHaveLength(3);
  expect([first?.idempotencyKey, second?.hangUpAfterMs]).toEqual([second?.idempotencyKey, undefined]);
  expect(ledger.hungUp).toEqual({ total: 1, done: 1 });
  expect(ledger.scripts[0]?.writes).toMatchObject([{ status: 200, task: { version: 2 } }]);
});

it('notes both answers of a repeated request, also where they differ', async () => {
  await play(scriptOf('again', { kind: 'complete' }));
  expect(ledger.repeats).toHaveLength(1);
  expect(ledger.repeats[0]?.again).toBe(ledger.repeats[0]?.first);
  mangle = (_, answer) => ({ ...answer, text: JSON.stringify({ ...taskOf(1), tags: [String(requests.length)] }) });
  await play(scriptOf('at once', { kind: 'complete' }));
  expect(ledger.repeats).toHaveLength(3);
  expect(ledger.repeats[2]?.again).not.toBe(ledger.repeats[2]?.first);
});

it('finds a repeat that was done anew, and a key that was taken for another body', async () => {
  mangle = (_, answer) => ({ ...answer, headers: new Headers() });
  await play(scriptOf('again', { kind: 'complete' }));
  expect(ledger.contradictions).toHaveLength(1);
  mangle = (_, answer) => answer;
  await play(scriptOf('other body', { kind: 'complete' }));
  expect(ledger.contradictions).toHaveLength(1);
  const open = async (_: string, request: ApiRequest) => ({
    ...{ status: request.path === '/tasks' ? 201 : 200, headers: new Headers(), text: JSON.stringify(taskOf(1)) },
  });
  await playWith(open, scriptOf('other body', { kind: 'complete' }));
  expect(ledger.contradictions).toHaveLength(2);
});

it('contradicts where the creation was refused', async () => {
  mangle = (_, answer) => ({ ...answer, status: 400 });
  expect(await play(scriptOf('none', { kind: 'complete' }))).toBeUndefined();
  expect([ledger.contradictions.length, ledger.scripts.length, requests.length]).toEqual([1, 0, 1]);
});

it('reads one of the notifications that are there, and nothing where there are none', async () => {
  const notification = {
    ...{ id: randomUUID(), taskId: ID, kind: 'task.created', message: 'New task: x' },
    ...{ createdAt: '2026-03-01T09:00:00.000Z', readAt: null },
  };
  let items: object[] = [];
  mangle = (request, answer) => {
    const read = JSON.stringify({ ...notification, readAt: '2026-03-01T09:00:01.000Z' });
    if (request.method === 'GET') return { ...answer, text: JSON.stringify({ items, next: null }) };
    return request.path === `/notifications/${notification.id}/read` ? { ...answer, text: read } : answer;
  };
  await play(scriptOf('none', { kind: 'read', choice: 0.5 }));
  expect(ledger.readings).toEqual([]);
  items = [notification];
  await play(scriptOf('none', { kind: 'read', choice: 0.5 }));
  expect(ledger.readings).toEqual([{ userId: 'alice', id: notification.id, readAt: '2026-03-01T09:00:01.000Z' }]);
  expect(ledger.contradictions).toEqual([]);
});

it('names the version that it knows where a write is guarded, and none after 412', async () => {
  const script = scriptOf('none', { kind: 'complete' }, { kind: 'reopen' }, { kind: 'complete' }, { kind: 'delete' });
  for (const write of script.writes) write.guarded = true;
  mangle = (request, answer) => (request.path.endsWith('/reopen') ? { ...answer, status: 412 } : answer);
  await play(script);
  expect(requests.map(({ ifMatch }) => ifMatch)).toEqual([undefined, 1, 2, undefined, 4]);
  expect(ledger.scripts[0]?.writes.map(({ status }) => status)).toEqual([200, 412, 200, 200]);
});
