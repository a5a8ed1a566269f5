import * as z from 'zod';
import { sendUntilAnswered } from './call.ts';
import type { Endpoint, World } from './world.ts';

type Headers = Endpoint['headers'];

const taskSchema = z.object({ seriesId: z.string().nullable() });
const pageSchema = z.object({ items: z.array(z.object({ id: z.string() })), next: z.string().nullable() });

/** Notes what a story creates in a world, and deletes it. */
export function noteCreated() {
  const created: { path: string; headers: Headers }[] = [];
  return {
    onCreated: (path: string, headers: Headers): void => void created.push({ path, headers }),

    /**
     * Deletes what was created, the last first, with the instances of its series. Resolves to what could not be deleted,
     * each with the reason.
     */
    async deleteAll(world: World): Promise<string[]> {
      const failures: string[] = [];
      for (const { path, headers } of created.splice(0).reverse()) {
        await remove(world, path, headers).catch(({ message }: Error) => failures.push(`${path}: ${message}`));
      }
      return failures;
    },
  };
}

async function remove(world: World, path: string, headers: Headers): Promise<void> {
  const call = callOf(world, headers);
  if (path.startsWith('/series/')) return removeSeries(call, path);
  const task = path.startsWith('/tasks/') ? await call('GET', path) : undefined;
  const { seriesId = null } = task === undefined ? {} : taskSchema.parse(task);
  await call('DELETE', path);
  if (seriesId !== null) await removeSeries(call, `/series/${seriesId}`);
}

/** Ends a series, and deletes its instances. */
async function removeSeries(call: ReturnType<typeof callOf>, path: string): Promise<void> {
  await call('POST', `${path}/end`);
  const list = `/tasks?limit=100&seriesId=${path.slice('/series/'.length)}`;
  for (;;) {
    const { items, next } = pageSchema.parse(await call('GET', list));
    for (const { id } of items) await call('DELETE', `/tasks/${id}`);
    if (next === null) return;
  }
}

/** Resolves to the answer; to undefined for what is gone already. */
function callOf(world: World, headers: Headers) {
  return async (method: string, path: string): Promise<unknown> => {
    const { status, body } = await sendUntilAnswered(world.api, { method, path, headers }, world);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`${method} ${path} answered ${status}`);
    return JSON.parse(body);
  };
}
