import { expect } from 'vitest';
import type { Answering, ReceivedCall } from '../../local/sidecar/testing/recordingApp.ts';
import { type Bench, eventually } from '../bench.ts';

const API = '/v1.0/jobs';
/** What a call is late by, at most, as a rule; less than any time that is told apart here. */
export const LATENESS_MS = 450;
/** How late it may be where the machine does other things as well: how late it is, infra/dapr/README.md tells. */
export const BUSY_MS = 3_000;

/** A client of the API of jobs, and the app behind them. */
export function jobsOf(bench: Bench) {
  let made = 0;
  const calls = (name: string) => bench.calls(`/job/${name}`);
  async function send(method: string, name: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await bench.request(`${API}/${name}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, body: isJson && text ? JSON.parse(text) : text };
  }
  return {
    send,
    calls,
    /** A name that no job had. */
    newName: (): string => {
      made += 1;
      return `job-${made}`;
    },
    get: (name: string) => send('GET', name),
    delete: (name: string) => send('DELETE', name),
    /** Sets a job, with data if nothing else is said, and resolves to when it was asked for (`performance.now()`). */
    async set(name: string, job: object, answering?: Answering): Promise<number> {
      if (answering) bench.answer(`/job/${name}`, answering);
      const at = performance.now();
      expect((await send('POST', name, { data: null, ...job })).status).toBe(204);
      return at;
    },
    /** Waits until a job has come so often. */
    async came(name: string, times: number): Promise<ReceivedCall[]> {
      await eventually(() => expect(calls(name).length).toBeGreaterThanOrEqual(times));
      return calls(name);
    },
    /** Resolves when there is no job of this name any more. */
    over: (name: string) => eventually(async () => expect((await send('GET', name)).status).toBe(500)),
  };
}

/** Times between calls, and before the first. */
export function gaps(since: number, calls: readonly ReceivedCall[]): number[] {
  return calls.map(({ at }, index) => at - (calls[index - 1]?.at ?? since));
}

/** Each time is not shorter than it should be, and longer by no more than a busy machine makes it. */
export function expectAbout(times: readonly number[], wanted: readonly number[]): void {
  expect(times).toHaveLength(wanted.length);
  let late = 0;
  for (const [index, time] of times.entries()) {
    const due = wanted[index] ?? 0;
    // A call can itself be late, and the next one not: then the time between them is shorter.
    expect(time).toBeGreaterThan(due - LATENESS_MS - late);
    expect(time).toBeLessThan(due + BUSY_MS);
    late = Math.max(0, late + time - due);
  }
}
