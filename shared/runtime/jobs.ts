import * as z from 'zod/mini';
import { parseJson } from '../events/json.ts';
import { requireJobName } from './defineFunction.ts';

/** When and how often a job is to come, and with what. */
export interface NewJob {
  /** The first time: a moment, or milliseconds from when the scheduler takes the job. One that is past means at once. */
  due?: Date | number;
  /** The times that follow: `@every 30s`, `@daily`, or six fields, seconds first. Without `due`, the first time too. */
  schedule?: string;
  /** How many times it comes at most; only with a schedule. */
  repeats?: number;
  /** When it ends: a moment, or milliseconds from `due` or else from now; only with a schedule. */
  until?: Date | number;
  /** What its function is given, as JSON. It is kept by the scheduler in the clear: ids, not contents. */
  data?: unknown;
  /** Takes the place of the job that has this name. Left out, such a job stays as it is. */
  overwrite?: boolean;
  /** What happens after a failure. Left out, three more tries, one second apart; then this time of it is lost. */
  onFailure?: 'drop' | { retryAfterMs: number; retries?: number };
}

/** Sets and cancels jobs. Both reject when it is not certain that the scheduler has done so. */
export interface Jobs {
  /** Resolves once the scheduler keeps the job: to false where one of this name was there and was to stay. */
  schedule(name: string, job: NewJob): Promise<boolean>;
  /** Resolves once there is no job of this name, whether there was one or not. */
  cancel(name: string): Promise<void>;
}

export interface JobsOptions {
  /** Base URL of the Dapr sidecar. */
  endpoint: string;
  apiToken: string;
  /** Upper bound of one call, in milliseconds. Without a scheduler a sidecar itself waits for 30 seconds. */
  timeoutMs: number;
}

/** Jobs through Dapr's own HTTP API (https://docs.dapr.io/reference/api/jobs_api/), which its client has no part for. */
export function daprJobs({ endpoint, apiToken, timeoutMs }: JobsOptions): Jobs {
  async function call(method: 'POST' | 'DELETE', name: string, body?: object): Promise<Response> {
    requireJobName(name);
    const headers = { 'content-type': 'application/json', 'dapr-api-token': apiToken };
    return fetch(`${endpoint.replace(/\/+$/, '')}/v1.0/jobs/${name}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: Error) => {
      throw error.name === 'TimeoutError' ? new Error(`no answer from the sidecar within ${timeoutMs} ms`) : error;
    });
  }

  return {
    async schedule(name, job) {
      const response = await call('POST', name, wireForm(job));
      const answer = await response.text();
      if (response.ok) return true;
      if (response.status === ALREADY_EXISTS && !job.overwrite) return false;
      throw refusal(`the job ${name} was not set`, response.status, answer);
    },
    async cancel(name) {
      const response = await call('DELETE', name);
      const answer = await response.text();
      if (!response.ok) throw refusal(`the job ${name} was not cancelled`, response.status, answer);
    },
  };
}

const ALREADY_EXISTS = 409;

function wireForm({ due, schedule, repeats, until, data = null, overwrite, onFailure }: NewJob): object {
  return {
    ...(due !== undefined && { dueTime: pointInTime(due) }),
    ...(schedule !== undefined && { schedule }),
    ...(repeats !== undefined && { repeats }),
    ...(until !== undefined && { ttl: pointInTime(until) }),
    // Without data a job never comes: daprd can't write out what is not there, and takes that for the function's failure.
    data,
    ...(overwrite && { overwrite }),
    ...(onFailure && { failurePolicy: failurePolicy(onFailure) }),
  };
}

/** As Dapr reads it: RFC 3339, or a duration of Go's. */
function pointInTime(point: Date | number): string {
  return point instanceof Date ? point.toISOString() : `${point}ms`;
}

function failurePolicy(onFailure: NonNullable<NewJob['onFailure']>): object {
  if (onFailure === 'drop') return { drop: {} };
  const { retryAfterMs, retries } = onFailure;
  return { constant: { interval: `${retryAfterMs / 1000}s`, ...(retries !== undefined && { maxRetries: retries }) } };
}

const daprError = z.object({ message: z.string() });

function refusal(what: string, status: number, answer: string): Error {
  const { data } = daprError.safeParse(parseJson(answer));
  return new Error(`${what}: the sidecar answered ${status}: ${data?.message ?? answer.trim()}`);
}
