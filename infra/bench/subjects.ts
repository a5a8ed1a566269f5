import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunction, bundlePath } from '../bundle/bundle.ts';
import { loadFunction } from '../functions.ts';
import type { Program } from './coldProcess.ts';
import { fillCompileCache } from './compileCache.ts';
import { nodeVersion } from './machine.ts';
import { startWorld, type World } from './world.ts';

/** A bare `node:http` server, which every function is measured against. */
export const bareServer = fileURLToPath(new URL('bareServer.cjs', import.meta.url));

/** The functions that stand for the others: one that is woken by a person who waits, one by an event. */
export const measuredFunctions = ['createTask', 'onTaskCreated'] as const;
export type MeasuredFunction = (typeof measuredFunctions)[number];

/** What is measured on one Node. */
export interface Subjects {
  version: string;
  /** Whether functions start from compiled code that was kept, as in an image. */
  cached: boolean;
  bare(): Promise<Program>;
  /** A function; or another program, which starts and is asked as that function is. */
  function(name: MeasuredFunction, other?: OtherProgram): Promise<Program>;
}

/** What is measured in a function's place. */
export interface OtherProgram {
  /** Its module. */
  path: string;
  /** The status that it answers with; left out, the function's. */
  status?: number;
  /** Beside what the function has in its environment. */
  env?: Readonly<Record<string, string>>;
}

/** Bundles the functions, starts a world for them, and has `measure` measure them on each Node. */
export async function onEachNode<Result>(
  nodes: readonly string[],
  measure: (subjects: Subjects, world: World) => Promise<Result>,
): Promise<Result[]> {
  await Promise.all(measuredFunctions.map(bundleFunction));
  const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-bench-'));
  const world = await startWorld();
  try {
    const results: Result[] = [];
    for (const node of nodes) results.push(await measure(await subjectsOn(node, world, folder), world));
    return results;
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function subjectsOn(node: string, world: World, folder: string): Promise<Subjects> {
  const version = await nodeVersion(node);
  const cached = keepsCompiledCode(version);
  const programOf = async (name: MeasuredFunction, other?: OtherProgram): Promise<Program> => {
    const definition = await loadFunction(name);
    const request = name === 'createTask' ? await world.taskRequest() : world.eventRequest(definition);
    const { path = bundlePath(name), status = name === 'createTask' ? 201 : 200, env } = other ?? {};
    return { node, args: [path], env: { ...world.environmentOf(definition), ...env }, request, status };
  };
  const caches = new Map<string, string>();
  /** Filled with a request of its own, since the same one a second time would be answered in another way. */
  const filledCache = async (name: MeasuredFunction, other?: OtherProgram): Promise<string> => {
    const path = other?.path ?? bundlePath(name);
    const filled = caches.get(path);
    if (filled) return filled;
    const cache = join(folder, randomBytes(4).toString('hex'));
    await fillCompileCache(await programOf(name, other), cache);
    caches.set(path, cache);
    return cache;
  };
  return {
    version,
    cached,
    bare: async () => ({ node, args: [bareServer], env: {}, request: { method: 'GET', path: '/' }, status: 200 }),
    async function(name, other) {
      const program = await programOf(name, other);
      if (!cached) return program;
      return { ...program, env: { ...program.env, NODE_COMPILE_CACHE: await filledCache(name, other) } };
    },
  };
}

function keepsCompiledCode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 1);
}
