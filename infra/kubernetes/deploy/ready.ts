import type { Condition, LiveObject } from './objects.ts';
import { groupOf } from './objects.ts';

/** Undefined for an object that is as it should be; else why it is not, or not yet. */
export function lackOf(object: LiveObject): string | undefined {
  switch (`${object.kind}.${groupOf(object.apiVersion)}`) {
    case 'Deployment.apps':
      return lackOfDeployment(object);
    case 'Service.serving.knative.dev':
    case 'KafkaTopic.kafka.strimzi.io':
    case 'Topic.cluster.redpanda.com':
      return lackOfCondition(object, object.status?.conditions, 'Ready');
    case 'Gateway.gateway.networking.k8s.io':
      return lackOfCondition(object, object.status?.conditions, 'Programmed');
    case 'HTTPRoute.gateway.networking.k8s.io':
      return lackOfRoute(object);
    default:
      return undefined;
  }
}

function lackOfDeployment({ metadata, spec, status }: LiveObject): string | undefined {
  const { replicas = 1 } = spec ?? {};
  const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0, replicas: all = 0 } = status ?? {};
  if (observedGeneration < (metadata.generation ?? 0)) return 'not seen by its controller yet';
  const stuck = status?.conditions?.find(({ type, status }) => type === 'Progressing' && status === 'False');
  if (stuck) return textOf(stuck);
  if (updatedReplicas === replicas && availableReplicas === replicas && all === replicas) return undefined;
  return `${availableReplicas} of ${replicas} pods available, ${updatedReplicas} of them new`;
}

function lackOfRoute(object: LiveObject): string | undefined {
  const parents = object.status?.parents ?? [];
  if (parents.length === 0) return 'no gateway has taken it yet';
  for (const { conditions } of parents) {
    const lack = lackOfCondition(object, conditions, 'Accepted') ?? lackOfCondition(object, conditions, 'ResolvedRefs');
    if (lack !== undefined) return lack;
  }
  return undefined;
}

/** A condition counts once it tells of the object as it is now, and not as it was before. */
function lackOfCondition(
  { metadata, status }: LiveObject,
  conditions: readonly Condition[] | undefined,
  wanted: string,
): string | undefined {
  const condition = conditions?.find(({ type }) => type === wanted);
  const observed = condition?.observedGeneration ?? status?.observedGeneration;
  if (!condition) return `no condition ${wanted} yet`;
  if (observed !== undefined && observed < (metadata.generation ?? 0)) return 'not seen by its controller yet';
  return condition.status === 'True' ? undefined : textOf(condition);
}

function textOf({ type, status, reason, message }: Condition): string {
  return `${type} is ${status}${reason ? ` (${reason})` : ''}${message ? `: ${message}` : ''}`;
}
