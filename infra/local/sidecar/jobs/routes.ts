import { jobNotDeleted, jobNotGot, jobTooLarge } from '../api/apiError.ts';
import { MAX_BODY_BYTES, readBody } from '../api/body.ts';
import { type ApiRoute, NO_CONTENT } from '../api/route.ts';
import type { FailurePolicy, Job } from './job.ts';
import { readJobRequest, requireTakenName } from './jobRequest.ts';
import type { JobRunner } from './jobRunner.ts';

const PATH = /^\/v1\.0(?:-alpha1)?\/jobs\/([^/]+)$/;
/** What daprd's client of the scheduler sends at most. */
const MAX_JOB_BYTES = 2 * 1024 * 1024;

/** The routes of jobs (https://docs.dapr.io/reference/api/jobs_api/). */
export function createJobRoutes({ set, cancel, find }: JobRunner, now: () => Date): ApiRoute[] {
  return [
    {
      methods: ['POST'],
      path: PATH,
      async handle(request, _url, [name = '']) {
        const body = await readBody(request, MAX_BODY_BYTES);
        if (!body) throw jobTooLarge('read');
        const asked = readJobRequest(name.trim(), body, now().getTime());
        if (body.length > MAX_JOB_BYTES) throw jobTooLarge('kept');
        await set(asked);
        return NO_CONTENT;
      },
    },
    {
      methods: ['GET'],
      path: PATH,
      handle(_request, _url, [name = '']) {
        requireTakenName(name, jobNotGot);
        const found = find(name);
        if (!found) throw jobNotGot(`job not found: ${name}`);
        return { status: 200, body: describeJob(found.job, found.data) };
      },
    },
    {
      methods: ['DELETE'],
      path: PATH,
      async handle(_request, _url, [name = '']) {
        requireTakenName(name, jobNotDeleted);
        await cancel(name);
        return NO_CONTENT;
      },
    },
  ];
}

/** As Protobuf's JSON has it: `data` as the value of a type that is named. */
function describeJob({ terms: { name, given, failurePolicy } }: Job, data: string | undefined): object {
  return {
    name,
    ...given,
    data: {
      '@type': 'type.googleapis.com/google.protobuf.Value',
      ...(data !== undefined && { value: JSON.parse(data) }),
    },
    failurePolicy: describePolicy(failurePolicy),
  };
}

function describePolicy(policy: FailurePolicy): object {
  if (policy.kind === 'drop') return { drop: {} };
  const { intervalMs, maxRetries } = policy;
  return {
    constant: {
      ...(intervalMs !== undefined && { interval: protobufSeconds(intervalMs) }),
      ...(maxRetries !== undefined && { maxRetries }),
    },
  };
}

/** Seconds with none, three, six or nine decimals, as Protobuf's JSON writes a duration. */
function protobufSeconds(ms: number): string {
  return `${ms % 1000 === 0 ? ms / 1000 : (ms / 1000).toFixed(3)}s`;
}
