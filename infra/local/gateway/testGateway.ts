import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { GatewayActivity } from './activity.ts';
import type { FunctionProcess } from './functionProcess.ts';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';

/** A gateway on free ports, with what it reported so far; closed when the test is over. */
export interface TestGateway extends Gateway {
  readonly activities: readonly GatewayActivity[];
  /** The reports of one type, oldest first. */
  reported<Type extends GatewayActivity['type']>(type: Type): Extract<GatewayActivity, { type: Type }>[];
}

/** The test function under a name, taking `/tasks/:id` from clients and `/events/task-created` from the sidecar. */
export function testFunction(overrides: Partial<FunctionProcess> = {}): FunctionProcess {
  return {
    name: 'getTask',
    routes: [
      { audience: 'public', method: 'GET', path: '/tasks/:id' },
      { audience: 'public', method: 'POST', path: '/tasks/:id' },
      { audience: 'public', method: 'DELETE', path: '/tasks/:id' },
      { audience: 'internal', method: 'POST', path: '/events/task-created' },
    ],
    command: [process.execPath, join(import.meta.dirname, 'testFunction.mjs')],
    env: {},
    ...overrides,
  };
}

/** Starts a gateway before one function, or those of the options. */
export async function openGateway(options: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const activities: GatewayActivity[] = [];
  const gateway = await startGateway({
    functions: [testFunction()],
    publicPort: 0,
    internalPort: 0,
    stopGraceMs: 2_000,
    onActivity: (activity) => activities.push(activity),
    ...options,
  });
  onTestFinished(() => gateway.close());
  return {
    ...gateway,
    activities,
    reported: <Type extends GatewayActivity['type']>(type: Type) =>
      activities.filter((activity): activity is Extract<GatewayActivity, { type: Type }> => activity.type === type),
  };
}

/** Waits until an assertion holds, for as long as a busy machine may need. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 15_000, interval: 10 });
}

/** What the test function answers. */
export interface TestAnswer {
  readonly status: number;
  readonly pid: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How much of a body it received. */
  readonly bytes: number;
  /** How many requests it was serving then, this one included. */
  readonly seenInFlight: number;
}

/** Sends a request and reads the test function's answer, or a problem's status. */
export async function ask(url: string, init: RequestInit = {}): Promise<TestAnswer> {
  const response = await fetch(url, init);
  return { status: response.status, ...((await response.json()) as Omit<TestAnswer, 'status'>) };
}

/** A file in which the test function notes its process id at each start, and what stands in it. */
export async function startLog(): Promise<{ path: string; pids(): Promise<number[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'pids');
  return {
    path,
    async pids() {
      const text = await readFile(path, 'utf8').catch(() => '');
      return text.split('\n').filter(Boolean).map(Number);
    },
  };
}

/** Whether a process runs; one that is dead but not yet collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc') || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
