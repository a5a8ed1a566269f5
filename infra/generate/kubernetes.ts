import { stringify } from 'yaml';
import { allTopics, deadLetterTopic, originalTopic } from '../../shared/events/catalogue.ts';
import { type FunctionDefinition, isHttp } from '../../shared/runtime/defineFunction.ts';
import { resourceName, routeOf } from '../../shared/runtime/route.ts';
import type { ServiceRoute } from '../kubernetes/router/table.ts';
import type { VariableReference } from './daprVariables.ts';
import { SYSTEM, timeLimitSeconds } from './knative.ts';

/** What a cold start may take on top of a function's own time limit before the router gives a request up. */
const COLD_START_SECONDS = 5;
/** Of one topic. What follows one task keeps its order within one of them, so this bounds how many are worked on at once. */
const PARTITIONS = 8;
/** Copies of each partition; two of them must have a message before it counts as published. */
const REPLICAS = 3;
const IN_SYNC_REPLICAS = 2;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Longer than anybody leaves a system down; the outbox and the inbox are what events are kept in for good. */
const RETENTION_DAYS = 7;
/** A dead letter waits for its function to keep it, and for somebody to mend what keeps it from that. */
const DEAD_LETTER_RETENTION_DAYS = 30;
/** Where Gateway API's routes find Knative's own ingress; an overlay's platform.env replaces it. */
const INGRESS = { namespace: 'knative-ingress', name: 'knative-ingress' };

/** The host name by which the cluster's inside calls a Knative Service. */
export function serviceHost(service: string): string {
  return `${service}.${SYSTEM}.svc.cluster.local`;
}

/** Whether a function is for operators: then nobody outside the cluster reaches it. */
export function isForOperators(definition: FunctionDefinition): boolean {
  return isHttp(definition) && definition.scope === 'admin';
}

/** The list of the functions' Services, for Kustomize. */
export function knativeKustomization(definitions: readonly FunctionDefinition[]): string {
  const resources = definitions.map((definition) => `${resourceName(definition)}.yaml`).sort();
  return stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });
}

/** Puts the files that the sidecar reads into a ConfigMap, as they are, by Kustomize. */
export function daprKustomization(files: readonly string[]): string {
  return stringify({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    configMapGenerator: [{ name: `${SYSTEM}-dapr`, namespace: SYSTEM, files }],
  });
}

/** The router's table, as JSON: every route of every function, with the Service that takes it. */
export function routerTable(definitions: readonly FunctionDefinition[]): string {
  const table = definitions.map((definition): ServiceRoute => {
    const timeoutMs = (timeLimitSeconds(definition) + COLD_START_SECONDS) * 1000;
    return { service: resourceName(definition), ...routeOf(definition.trigger), timeoutMs };
  });
  return `${JSON.stringify(table, null, 2)}\n`;
}

/** One Gateway API route for each function that clients may call from outside. */
export function publicRoutes(definitions: readonly FunctionDefinition[]): string {
  const reachable = definitions.filter((definition) => isHttp(definition) && !isForOperators(definition));
  return documents(reachable.map(publicRoute));
}

function publicRoute(definition: FunctionDefinition) {
  const { method, path } = routeOf(definition.trigger);
  const name = resourceName(definition);
  const match = { path: pathMatch(path) };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: SYSTEM, labels: { 'app.kubernetes.io/part-of': SYSTEM } },
    spec: {
      parentRefs: [{ name: SYSTEM }],
      hostnames: ['todo.example.com'],
      rules: [
        {
          // A function answers HEAD where it answers GET.
          matches: (method === 'GET' ? ['GET', 'HEAD'] : [method]).map((each) => ({ ...match, method: each })),
          filters: [{ type: 'URLRewrite', urlRewrite: { hostname: serviceHost(name) } }],
          backendRefs: [{ ...INGRESS, port: 80 }],
        },
      ],
    },
  };
}

/** Anchored, since not every implementation of Gateway API takes an expression for the whole path. */
function pathMatch(path: string) {
  if (!path.includes(':')) return { type: 'Exact', value: path };
  const segments = path
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replaceAll('.', '\\.')));
  return { type: 'RegularExpression', value: `^${segments.join('/')}$` };
}

/** A patch that gives the sidecar's container what its files refer to: from the Secret, or the ConfigMap for an address. */
export function daprEnvironment(references: readonly VariableReference[]): string {
  const env = references.map(({ name, optional }) => {
    const key = { key: name, ...(optional && { optional }) };
    const valueFrom =
      name === 'KAFKA_BROKERS'
        ? { configMapKeyRef: { name: SYSTEM, ...key } }
        : { secretKeyRef: { name: `${SYSTEM}-dapr`, ...key } };
    return { name, valueFrom };
  });
  return stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'daprd', namespace: SYSTEM },
    spec: { template: { spec: { containers: [{ name: 'daprd', env }] } } },
  });
}

/** Every topic and its dead letters, for Strimzi's Topic Operator. */
export function strimziTopics(): string {
  return documents(
    allTopics().map((topic) => ({
      apiVersion: 'kafka.strimzi.io/v1',
      kind: 'KafkaTopic',
      metadata: topicMetadata(topic, { 'strimzi.io/cluster': 'kafka' }),
      spec: { partitions: PARTITIONS, replicas: REPLICAS, config: topicConfig(topic) },
    })),
  );
}

/** Every topic and its dead letters, for Redpanda's operator. */
export function redpandaTopics(): string {
  return documents(
    allTopics().map((topic) => {
      const { 'min.insync.replicas': _, ...config } = topicConfig(topic);
      return {
        apiVersion: 'cluster.redpanda.com/v1alpha2',
        kind: 'Topic',
        metadata: topicMetadata(topic, {}),
        spec: {
          partitions: PARTITIONS,
          replicationFactor: REPLICAS,
          // Its Raft always asks a majority, and it has no setting for another number.
          additionalConfig: config,
          cluster: { clusterRef: { name: 'redpanda' } },
        },
      };
    }),
  );
}

function topicMetadata(topic: string, labels: Readonly<Record<string, string>>) {
  return { name: topic, namespace: 'broker', labels: { 'app.kubernetes.io/part-of': SYSTEM, ...labels } };
}

function topicConfig(topic: string) {
  const isDead = topic === deadLetterTopic(originalTopic(topic));
  const days = isDead ? DEAD_LETTER_RETENTION_DAYS : RETENTION_DAYS;
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(days * DAY_MS),
    'min.insync.replicas': String(IN_SYNC_REPLICAS),
  };
}

function documents(resources: readonly object[]): string {
  return resources.map((resource) => stringify(resource, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}
