import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type ApiRequest, send } from '../../story/call.ts';
import type { World } from '../../story/world.ts';

/** A task that a client was told of. */
export interface Write {
  taskId: string;
  /** When the request was first sent and when it was answered, in milliseconds since 1970. */
  sentAt: number;
  answeredAt: number;
  /** What the tries before it came to, in words. */
  failures: readonly string[];
}

export interface Writers {
  /** Sends no more, and resolves to everything that was written when all is answered. */
  stop(): Promise<Write[]>;
}

const created = z.object({ id: z.string() });
/** Longer than a function may take. */
const TRY_TIMEOUT_MS = 20_000;
const RETRY_MS = 250;
/** Between one client's writes: what follows from them has to keep up. */
const PAUSE_MS = 100;

/** Sends a request again and again until it is answered with this status. */
export async function insist(
  world: World,
  request: ApiRequest,
  status: number,
): Promise<{ body: string; failures: string[] }> {
  const failures: string[] = [];
  for (;;) {
    const outcome = await send(world.api, request, TRY_TIMEOUT_MS).catch((error: Error) => error.message);
    if (typeof outcome !== 'string' && outcome.status === status) return { body: outcome.body, failures };
    failures.push(typeof outcome === 'string' ? outcome : `${outcome.status} ${outcome.body}`);
    await sleep(RETRY_MS);
  }
}

/** Creates a task as a careful client does: with a key, and again until it is answered. */
export async function write(world: World, userName: string, title: string, more: object = {}): Promise<Write> {
  const { token } = await world.user(userName);
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() };
  const sentAt = Date.now();
  const { body, failures } = await insist(
    world,
    { path: '/tasks', method: 'POST', headers, body: { title, ...more } },
    201,
  );
  return { taskId: created.parse(JSON.parse(body)).id, sentAt, answeredAt: Date.now(), failures };
}

/** Lets clients of one user write tasks, each one after the other, until they are stopped. */
export function startWriters(world: World, userName: string, clients = 4): Writers {
  let stopped = false;
  const written: Write[] = [];
  const running = Array.from({ length: clients }, async (_, client) => {
    while (!stopped) {
      written.push(await write(world, userName, `task ${written.length} of client ${client}`));
      await sleep(PAUSE_MS);
    }
  });
  return {
    async stop() {
      stopped = true;
      await Promise.all(running);
      return written;
    },
  };
}
