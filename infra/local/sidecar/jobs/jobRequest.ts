import * as z from 'zod';
import { jobNameEmpty, jobNotScheduled, jobNotTimed, jobTwiceNamed, malformedRequest } from '../api/apiError.ts';
import { sortNames } from '../bindings/goJson.ts';
import type { FailurePolicy, JobTerms } from './job.ts';
import { parsePointInTime } from './pointInTime.ts';
import { parseTimetable } from './timetable.ts';

/** What a request to set a job says. */
export interface JobRequest {
  terms: JobTerms;
  /** What the app is to be sent, as JSON; undefined: nothing was given, and daprd can't send that. */
  data: string | undefined;
  overwrite: boolean;
}

const text = z.string().nullish();
const seconds = z.string().regex(/^-?\d+(\.\d{1,9})?s$/, 'invalid google.protobuf.Duration value');
const wholeNumber = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)
  .nullish();

/** Unknown names are passed over. Both spellings of a name are taken, as Go's reader of Protobuf's JSON does. */
const bodySchema = z.object({
  name: text,
  schedule: text,
  repeats: wholeNumber,
  dueTime: text,
  due_time: text,
  ttl: text,
  data: z.unknown().optional(),
  overwrite: z.boolean().nullish(),
  failurePolicy: z
    .object({
      drop: z.object({}).nullish(),
      constant: z.object({ interval: seconds.nullish(), maxRetries: wholeNumber }).nullish(),
    })
    .refine(({ drop, constant }) => !drop || !constant, 'policy is already set')
    .nullish(),
});

/** daprd's own for a job that says nothing. */
const DEFAULT_POLICY: FailurePolicy = { kind: 'constant', intervalMs: 1_000, maxRetries: 3 };

/** Reads a request to set a job, in the order in which daprd and its scheduler look at it. @throws ApiError */
export function readJobRequest(name: string, body: Buffer, now: number): JobRequest {
  const asked = parseBody(body);
  if (asked.name) throw jobTwiceNamed();
  requireName(name);
  const { schedule, repeats, ttl } = asked;
  const dueTime = asked.dueTime ?? asked.due_time;
  if (schedule == null && dueTime == null) throw jobNotTimed();
  requireTakenName(name, jobNotScheduled);

  const refuse = (reason: string) => jobNotScheduled(`job failed validation: ${reason}`);
  if (schedule == null && (repeats ?? 0) > 1) throw refuse('job must have a schedule to repeat');
  if (repeats === 0) throw refuse('defined repeats must be greater than 0');
  if (schedule == null && ttl != null) throw refuse('job must have a schedule to have a ttl');
  if (schedule != null) {
    try {
      parseTimetable(schedule);
    } catch (error) {
      throw refuse((error as Error).message);
    }
  }
  const due = dueTime == null ? undefined : parsePointInTime(dueTime, now);
  if (dueTime != null && due === undefined) throw refuse('due time format not recognized');
  const expiration = ttl == null ? undefined : parsePointInTime(ttl, due ?? now);
  if (ttl != null && expiration === undefined) throw refuse('ttl format not recognized');
  if (due !== undefined && expiration !== undefined && due > expiration) {
    throw refuse('ttl must be greater than due time');
  }
  return {
    terms: {
      name,
      given: {
        ...(schedule != null && { schedule }),
        ...(repeats != null && { repeats }),
        ...(dueTime != null && { dueTime }),
        ...(ttl != null && { ttl }),
      },
      start: now,
      ...(due !== undefined && { due }),
      ...(expiration !== undefined && { expiration }),
      failurePolicy: policyOf(asked.failurePolicy ?? {}),
    },
    data: asked.data === undefined ? undefined : JSON.stringify(asked.data, sortNames),
    overwrite: asked.overwrite ?? false,
  };
}

/** @throws ApiError where daprd takes a name for none */
export function requireName(name: string): void {
  if (name === '' || name.includes('|')) throw jobNameEmpty();
}

/** RFC 1123, section 2.1, after these signs have been left out: so the scheduler looks at names. */
const PASSED_OVER = /[_: -]/g;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_NAME = 253;

/** @throws what `refuse` makes, where the scheduler would not take a name */
export function requireTakenName(name: string, refuse: (reason: string) => Error): void {
  const looked = name.replaceAll(PASSED_OVER, '').toLowerCase();
  if (looked.length > LONGEST_NAME)
    throw refuse(`job name is invalid: must be no more than ${LONGEST_NAME} characters`);
  if (!SUBDOMAIN.test(looked))
    throw refuse(`job name is invalid "${looked}": a lowercase RFC 1123 subdomain is wanted`);
}

function parseBody(body: Buffer): z.output<typeof bodySchema> {
  if (body.length === 0) return {} as z.output<typeof bodySchema>;
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw malformedRequest((error as Error).message);
  }
  const { data, error } = bodySchema.safeParse(value);
  if (error)
    throw malformedRequest(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  return data;
}

function policyOf({ drop, constant }: NonNullable<z.output<typeof bodySchema>['failurePolicy']>): FailurePolicy {
  if (drop) return { kind: 'drop' };
  if (!constant) return DEFAULT_POLICY;
  const { interval, maxRetries } = constant;
  return {
    kind: 'constant',
    ...(interval != null && { intervalMs: Number(interval.slice(0, -1)) * 1000 }),
    ...(maxRetries != null && { maxRetries }),
  };
}
