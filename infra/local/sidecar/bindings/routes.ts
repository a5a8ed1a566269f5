import * as z from 'zod';
import { bindingFailed, malformedRequest } from '../api/apiError.ts';
import { MAX_BODY_BYTES, readBody } from '../api/body.ts';
import { type ApiRoute, NO_CONTENT } from '../api/route.ts';
import type { DeliveryPolicy } from '../resources/resiliency.ts';
import { withRetries } from '../subscription/retry.ts';
import type { BindingRequest, OutputBinding } from './outputBinding.ts';

/** What the routes of output bindings need. */
export interface BindingRoutesOptions {
  bindings: readonly OutputBinding[];
  policyFor: (name: string) => DeliveryPolicy;
  /** No further try is begun. */
  stopping: AbortSignal;
}

/** The route of output bindings (https://docs.dapr.io/reference/api/bindings_api/#invoking-output-bindings). */
export function createBindingRoutes({ bindings, policyFor, stopping }: BindingRoutesOptions): ApiRoute[] {
  function bindingFor(name: string, operation: string): OutputBinding {
    if (operation === '') throw bindingFailed(name, 'operation field is missing from request');
    const binding = bindings.find((each) => each.name === name);
    if (!binding) throw bindingFailed(name, `couldn't find output binding ${name}`);
    const { operations } = binding;
    if (operations.includes(operation)) return binding;
    const supported = `supported operations:${operations.join(' ')}`;
    throw bindingFailed(name, `binding ${name} does not support operation ${operation}. ${supported}`);
  }

  return [
    {
      methods: ['POST', 'PUT'],
      path: /^\/v1\.0\/bindings\/([^/]+)$/,
      async handle(request, _url, [name = '']) {
        const { operation, ...asked } = parseRequest(await readBody(request, MAX_BODY_BYTES));
        const binding = bindingFor(name, operation);
        const policy = policyFor(name);
        const attempt = () => invoke(binding, asked, policy.timeoutMs);
        const reason = await withRetries({ policy, stopping, attempt, onRetry: () => undefined });
        if (reason !== undefined) throw bindingFailed(name, reason);
        return NO_CONTENT;
      },
    },
  ];
}

const requestSchema = z
  .object({
    operation: z.string().nullish(),
    metadata: z.record(z.string(), z.string()).nullish(),
    data: z.unknown().optional(),
  })
  .nullable();

function parseRequest(body: Buffer | undefined): BindingRequest & { operation: string } {
  if (!body) throw malformedRequest('stream too large');
  const { data, error } = requestSchema.safeParse(parseJson(body.toString('utf8')));
  if (error)
    throw malformedRequest(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  return {
    operation: data?.operation ?? '',
    metadata: new Map(Object.entries(data?.metadata ?? {})),
    data: data?.data,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformedRequest((error as Error).message);
  }
}

/** Resolves with why it failed, or with nothing. */
async function invoke(
  binding: OutputBinding,
  request: BindingRequest,
  timeoutMs: number | undefined,
): Promise<string | undefined> {
  const signal = timeoutMs ? AbortSignal.timeout(timeoutMs) : undefined;
  try {
    await binding.invoke(request, signal);
    return undefined;
  } catch (error) {
    return signal?.aborted ? 'context deadline exceeded' : (error as Error).message;
  }
}
