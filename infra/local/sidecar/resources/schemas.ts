import * as z from 'zod';
import { parseDuration } from './duration.ts';

const duration = z.union([z.string(), z.number()]).transform((value, context) => {
  try {
    return parseDuration(String(value));
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const resource = { metadata: z.object({ name: z.string().min(1) }), scopes: z.array(z.string()).optional() };

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `dapr.io/v1alpha1` Component; a metadata item may have an `envRef` to one of the variables, or a `secretKeyRef`, in
 * place of its value.
 */
export function componentSchema(variables: Variables) {
  const item = z.object({ name: z.string(), value: scalar.optional(), envRef: z.string().default('') });
  return z.object({
    ...resource,
    apiVersion: z.literal('dapr.io/v1alpha1'),
    kind: z.literal('Component'),
    spec: z.object({
      type: z.string().min(1),
      version: z.string().default('v1'),
      ignoreErrors: z.boolean().default(false),
      metadata: z
        .array(item)
        .nullish()
        .transform(
          (items) => new Map(items?.map(({ name, value, envRef }) => [name, value || (variables[envRef] ?? '')])),
        ),
    }),
  });
}

const stringMap = z.record(z.string(), scalar).optional();

/** Where the events of a subscription go: the first rule that matches, else `default`. */
export const routesSchema = z.object({
  rules: z.array(z.object({ match: z.string(), path: z.string().min(1) })).optional(),
  default: z.string().min(1).optional(),
});

const bulkSubscribe = z.object({ enabled: z.boolean() }).partial().optional();

/** `dapr.io/v2alpha1` Subscription. */
export const subscriptionSchema = z.object({
  ...resource,
  apiVersion: z.literal('dapr.io/v2alpha1', { error: 'only dapr.io/v2alpha1 subscriptions (with routes) are read' }),
  kind: z.literal('Subscription'),
  spec: z.object({
    pubsubname: z.string().min(1),
    topic: z.string().min(1),
    routes: routesSchema,
    deadLetterTopic: z.string().optional(),
    metadata: stringMap,
    bulkSubscribe,
  }),
});

/** An item of what an app answers to `GET /dapr/subscribe`. */
export const programmaticSubscriptionSchema = z.object({
  pubsubname: z.string().min(1),
  topic: z.string().min(1),
  route: z.string().optional(),
  routes: routesSchema.nullish(),
  deadLetterTopic: z.string().optional(),
  metadata: stringMap.nullish(),
  bulkSubscribe,
});

const policyNames = z.object({
  retry: z.string().optional(),
  timeout: z.string().optional(),
  circuitBreaker: z.string().optional(),
});

/** `dapr.io/v1alpha1` Resiliency, as far as it concerns calls to the app and output bindings. */
export const resiliencySchema = z.object({
  ...resource,
  apiVersion: z.literal('dapr.io/v1alpha1'),
  kind: z.literal('Resiliency'),
  spec: z.object({
    policies: z
      .object({
        retries: z
          .record(
            z.string(),
            z.object({
              policy: z.enum(['constant', 'exponential']).default('constant'),
              duration: duration.optional(),
              maxInterval: duration.optional(),
              maxRetries: z.number().int().min(-1).optional(),
              matching: z.unknown().optional(),
            }),
          )
          .optional(),
        timeouts: z.record(z.string(), duration).optional(),
        circuitBreakers: z.record(z.string(), z.unknown()).optional(),
      })
      .default({}),
    targets: z
      .object({
        components: z
          .record(z.string(), z.object({ inbound: policyNames.optional(), outbound: policyNames.optional() }))
          .optional(),
        apps: z.record(z.string(), policyNames).optional(),
        actors: z.record(z.string(), z.unknown()).optional(),
      })
      .default({}),
  }),
});

/** A component, its metadata as text by name. */
export type ComponentResource = z.infer<ReturnType<typeof componentSchema>>;
/** A declarative subscription. */
export type SubscriptionResource = z.infer<typeof subscriptionSchema>;
/** A subscription that an app declares over HTTP. */
export type ProgrammaticSubscription = z.infer<typeof programmaticSubscriptionSchema>;
/** Policies and what they apply to; durations in milliseconds. */
export type ResiliencyResource = z.infer<typeof resiliencySchema>;
