import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import type { FunctionDefinition } from '../../shared/runtime/defineFunction.ts';
import { resourceName } from '../../shared/runtime/route.ts';
import type { FunctionProcess } from './gateway/functionProcess.ts';
import { parseDuration } from './sidecar/resources/duration.ts';

/** What the gateway's way of running a function has in common with Knative's. */
export type ServiceLimits = Required<
  Pick<FunctionProcess, 'concurrency' | 'timeoutMs' | 'idleMs' | 'healthPath' | 'liveness'>
>;

const probe = z.object({
  httpGet: z.object({ path: z.string() }),
  periodSeconds: z.number().positive(),
  failureThreshold: z.int().positive(),
});

/** Of a Knative Service, what tells how its instances are run. */
const serviceSchema = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({
        annotations: z.object({
          'autoscaling.knative.dev/min-scale': z.coerce.number().int().nonnegative(),
          'autoscaling.knative.dev/window': z.string().transform(parseDuration),
        }),
      }),
      spec: z.object({
        containerConcurrency: z.int().nonnegative(),
        timeoutSeconds: z.number().positive(),
        containers: z.tuple([z.object({ readinessProbe: probe, livenessProbe: probe })]),
      }),
    }),
  }),
});

const knative = new URL('../../knative/', import.meta.url);

/** Reads how a function is run from its Knative Service, so that what is set there is felt on this machine too. */
export async function serviceLimits(definition: FunctionDefinition): Promise<ServiceLimits> {
  const file = new URL(`${resourceName(definition)}.yaml`, knative);
  return limitsOf(await readFile(file, 'utf8'));
}

/** The limits of a Knative Service, as YAML. Throws what is missing there. */
export function limitsOf(yaml: string): ServiceLimits {
  const { metadata, spec } = serviceSchema.parse(parse(yaml)).spec.template;
  const [{ readinessProbe, livenessProbe }] = spec.containers;
  const sleeps = metadata.annotations['autoscaling.knative.dev/min-scale'] === 0;
  return {
    // 0 is how Knative says that there is no limit.
    concurrency: spec.containerConcurrency || Number.POSITIVE_INFINITY,
    timeoutMs: spec.timeoutSeconds * 1000,
    idleMs: sleeps ? metadata.annotations['autoscaling.knative.dev/window'] : Number.POSITIVE_INFINITY,
    healthPath: readinessProbe.httpGet.path,
    liveness: {
      path: livenessProbe.httpGet.path,
      periodMs: livenessProbe.periodSeconds * 1000,
      failureThreshold: livenessProbe.failureThreshold,
    },
  };
}
