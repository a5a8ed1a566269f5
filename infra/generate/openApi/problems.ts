import * as z from 'zod';
import type { ErrorCode } from '../../../shared/domain/errors.ts';
import type { HttpFunction } from '../../../shared/runtime/defineFunction.ts';
import { type Problem, statusOf } from '../../../shared/runtime/problem.ts';
import type { SchemaCollection } from '../jsonSchema.ts';
import { followsChanges, heedsIfMatch, isWrite, namesThing, takesBody } from './aspects.ts';
import { headerReference } from './headers.ts';

/** A way in which requests are refused: which functions can refuse so, and what that means to a client. */
interface Refusal {
  code: ErrorCode;
  when(definition: HttpFunction): boolean;
  description: string;
}

/** The one place that says which function can answer with which problem. */
const refusals: readonly Refusal[] = [
  { code: 'malformed', when: takesBody, description: 'The body is not JSON in UTF-8.' },
  {
    code: 'unauthenticated',
    when: (definition) => !definition.public,
    description: 'The token is missing, expired, or not valid; `detail` says which.',
  },
  {
    code: 'forbidden',
    when: ({ scope }) => scope !== undefined,
    description: 'The token is valid, but lacks the scope.',
  },
  {
    code: 'not_found',
    when: (definition) => namesThing(definition) || definition.caller !== undefined,
    description: 'It is absent, or belongs to somebody else.',
  },
  {
    code: 'conflict',
    when: isWrite,
    description:
      'Somebody else changed it meanwhile, the same request is under way, or a limit is reached; `type` says which.',
  },
  {
    code: 'gone',
    when: followsChanges,
    description: 'What the cursor stands for is no longer known: read everything anew, without `since`.',
  },
  {
    code: 'precondition_failed',
    when: heedsIfMatch,
    description: 'It is not at the version that `If-Match` names: read it again, then decide.',
  },
  { code: 'too_large', when: isWrite, description: 'The body has more bytes than are taken.' },
  {
    code: 'unsupported_media_type',
    when: takesBody,
    description: 'The body is announced as something else than JSON.',
  },
  {
    code: 'invalid',
    when: (definition) => isWrite(definition) || definition.input?.query !== undefined,
    description:
      'The request can be read but breaks a rule, to which `errors` points, or its `Idempotency-Key` was used for another.',
  },
];

/** What is not the caller's fault: 500 for a fault of a function, 502 to 504 where one, or what it needs, is away. */
const FAILURE = 'Failure';
const FAILURE_DESCRIPTION =
  'Not the fault of the request: it failed here, or something that is needed is away for now.';

/** References to the responses that a function can refuse or fail with, by status. */
export function problemResponses(definition: HttpFunction): Record<string, { $ref: string }> {
  const applicable = refusals.filter(({ when }) => when(definition));
  return {
    ...Object.fromEntries(applicable.map(({ code }) => [statusOf[code], referenceTo(nameOf(code))])),
    '5XX': referenceTo(FAILURE),
  };
}

/** The responses that `problemResponses` refers to, by name. */
export function problemComponents(schemas: SchemaCollection): Record<string, object> {
  const schema = schemas.output(problemSchema);
  const content = { 'application/problem+json': { schema } };
  const headersOf = (code: ErrorCode) => ({
    ...([401, 403].includes(statusOf[code]) && { 'WWW-Authenticate': { required: true, schema: { type: 'string' } } }),
    'X-Request-Id': headerReference('X-Request-Id'),
  });
  const entries = refusals.map(({ code, description }) => [
    nameOf(code),
    { description, headers: headersOf(code), content },
  ]);
  return { ...Object.fromEntries(entries), [FAILURE]: { description: FAILURE_DESCRIPTION, content } };
}

function referenceTo(name: string) {
  return { $ref: `#/components/responses/${name}` };
}

/** `not_found` → `NotFound` */
function nameOf(code: ErrorCode): string {
  return code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const problemSchema: z.ZodType<Problem> = z
  .object({
    type: z.string().describe('Names the kind of problem; `about:blank` where the status says it all.'),
    title: z.string().describe('The kind of problem in words, always the same ones.'),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().exactOptional().describe('What is wrong with this request, and what to do.'),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe('Where in the input: a JSON Pointer (RFC 6901) as a URI fragment.'),
          detail: z.string().describe('What is wrong there.'),
        }),
      )
      .exactOptional()
      .describe('Each fault of an input that breaks a rule.'),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused (RFC 9457).' });
