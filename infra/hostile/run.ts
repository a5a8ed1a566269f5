import * as fc from 'fast-check';
import { testPlatform } from '../testing/testApp.ts';
import { populate } from './population.ts';
import { brokenInvariants, brokenPromises, fingerprint, victimsRows } from './promises.ts';
import { describeRequest } from './request.ts';
import { requestsTo } from './requests.ts';

/** Far above what an answer takes on a loaded machine; a sleep that SQL could smuggle in takes longer. */
const HANG_MS = 10_000;
/** Of the requests, one in so many is looked at for a change half made. */
const SAMPLE = 4;
/** Requests that are generated at a time: not all stand in memory, and no idle connection grows old meanwhile. */
const BATCH = 100;
/** Of failures of one kind, so many are kept. */
const KEPT = 3;

export interface HostileOptions {
  seed: number;
  requests: number;
  onProgress(line: string): void;
}

export interface HostileResult {
  options: HostileOptions;
  seconds: number;
  /** Requests by function and status. */
  statuses: Record<string, Record<number, number>>;
  /** How often each thing was wrong with a request; `none`: valid ones. */
  hostilities: Record<string, number>;
  /** Refused requests after which the database was compared with what it was before. */
  compared: number;
  /** Broken promises by function and kind, with the first requests that broke them. */
  failures: Map<string, { times: number; examples: string[] }>;
  invariants: string[];
}

/** Sends generated requests to every HTTP function, one after the other, and looks at each answer. */
export async function runHostile(options: HostileOptions): Promise<HostileResult> {
  const platform = await testPlatform();
  try {
    const population = await populate(platform);
    const { database } = platform;
    const before = await victimsRows(database);
    const targets = population.functions.map((definition) => ({ definition, app: platform.app(definition) }));
    const requests = fc.oneof(
      ...targets.map((target) => requestsTo(target.definition, population).map((request) => ({ ...target, request }))),
    );
    const result: HostileResult = {
      ...{ options, seconds: 0, statuses: {}, hostilities: {}, compared: 0, failures: new Map(), invariants: [] },
    };
    const started = performance.now();
    for (let sent = 0; sent < options.requests; sent += BATCH) {
      const numRuns = Math.min(BATCH, options.requests - sent);
      const batch = fc.sample(requests, { seed: options.seed + sent, numRuns });
      for (const [index, { definition, app, request }] of batch.entries()) {
        const sampled = index % SAMPLE === 0;
        const was = sampled && (await fingerprint(database));
        const { method, headers, path, body } = request;
        const answer = await within(
          app.request(path, { method, headers, ...(body && { body: Uint8Array.from(body) }) }),
        );
        const broken = answer
          ? brokenPromises(definition, request, answer, await answer.text())
          : [`gave no answer in ${HANG_MS} ms`];
        if (answer && answer.status >= 400 && sampled) {
          result.compared += 1;
          if (was !== (await fingerprint(database))) broken.push('refused the request, and changed something');
        }
        count(result, definition.name, answer?.status ?? 0, request.hostilities);
        const cause =
          answer && answer.status >= 500
            ? String(platform.logged.findLast(({ level }) => level === 'error')?.error)
            : '';
        for (const each of broken) {
          note(result, `${definition.name} ${each}`, `#${sent + index} ${cause}\n${describeRequest(request)}`);
        }
        platform.logged.length = 0;
        platform.published.length = 0;
      }
      options.onProgress(`${sent + numRuns} of ${options.requests} requests, ${result.failures.size} kinds of failure`);
    }
    result.seconds = (performance.now() - started) / 1000;
    result.invariants = await brokenInvariants(database);
    if (before !== (await victimsRows(database))) result.invariants.push("another user's rows changed");
    return result;
  } finally {
    await platform.close();
  }
}

/** Whether every promise was kept. */
export function isSound({ failures, invariants }: HostileResult): boolean {
  return failures.size === 0 && invariants.length === 0;
}

async function within<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), HANG_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function count({ statuses, hostilities }: HostileResult, name: string, status: number, wrong: readonly string[]): void {
  statuses[name] ??= {};
  statuses[name][status] = (statuses[name][status] ?? 0) + 1;
  for (const each of wrong.length > 0 ? wrong : ['none']) hostilities[each] = (hostilities[each] ?? 0) + 1;
}

function note({ failures }: HostileResult, kind: string, example: string): void {
  const failure = failures.get(kind) ?? { times: 0, examples: [] };
  failures.set(kind, failure);
  failure.times += 1;
  if (failure.examples.length < KEPT) failure.examples.push(example);
}
