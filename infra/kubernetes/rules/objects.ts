import { parseAllDocuments } from 'yaml';
import type { FunctionDefinition } from '../../../shared/runtime/defineFunction.ts';

/** What the rules look at of Kubernetes's types. That every field is of its type, the Go program sees to before. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec?: object;
  data?: Record<string, string>;
  /** Of a PriorityClass. */
  value?: number;
}

interface KeyReference {
  name: string;
  key: string;
  optional?: boolean;
}
export interface Variable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: KeyReference; configMapKeyRef?: KeyReference; fieldRef?: object };
}
export interface Container {
  name: string;
  image: string;
  args?: string[];
  env?: Variable[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name?: string; containerPort: number }[];
  restartPolicy?: string;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: { readOnlyRootFilesystem?: boolean };
  volumeMounts?: { name: string; mountPath: string }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
}
export interface Probe {
  httpGet?: { path: string };
}
export interface PodSpec {
  serviceAccountName?: string;
  priorityClassName?: string;
  automountServiceAccountToken?: boolean;
  timeoutSeconds?: number;
  initContainers?: Container[];
  containers: Container[];
  volumes?: { name: string; configMap?: { name: string }; persistentVolumeClaim?: object; emptyDir?: object }[];
}
export interface Deployment extends KubernetesObject {
  spec: {
    replicas?: number;
    strategy?: { type?: string };
    template: { metadata?: { labels?: Record<string, string> }; spec: PodSpec };
  };
}
export interface CoreService extends KubernetesObject {
  spec: { selector?: Record<string, string>; ports?: { port: number; targetPort?: number | string }[] };
}
export interface KnativeService extends KubernetesObject {
  spec: { template: { spec: PodSpec } };
}
export interface HttpRoute extends KubernetesObject {
  spec: {
    rules: {
      matches: { method?: string; path: { type: string; value: string } }[];
      filters?: { type: string; urlRewrite?: { hostname?: string } }[];
    }[];
  };
}
export interface Gateway extends KubernetesObject {
  spec: { listeners: { hostname?: string }[] };
}
export interface Peer {
  podSelector?: { matchExpressions?: { key: string; operator: string }[]; matchLabels?: Record<string, string> };
  namespaceSelector?: { matchLabels?: Record<string, string> };
  ipBlock?: { cidr: string; except?: string[] };
}
export interface NetworkPolicy extends KubernetesObject {
  spec: {
    podSelector: { matchLabels?: Record<string, string>; matchExpressions?: object[] };
    policyTypes: string[];
    ingress?: { from?: Peer[]; ports?: { port: number | string }[] }[];
    egress?: { to?: Peer[]; ports?: { port: number | string }[] }[];
  };
}

/** A rendered overlay, and the definitions that it must fit. */
export interface System {
  objects: readonly KubernetesObject[];
  definitions: readonly FunctionDefinition[];
  /** Whether the broker's topics are among the objects. */
  hasTopics: boolean;
}

/** The objects of a kind; for a kind that several groups have, of that group. */
function ofKind<T extends KubernetesObject>({ objects }: System, kind: string, group?: string): T[] {
  return objects.filter(
    (object) => object.kind === kind && (group === undefined || object.apiVersion.startsWith(`${group}/`)),
  ) as T[];
}

export const deployments = (system: System) => ofKind<Deployment>(system, 'Deployment');
export const coreServices = (system: System): CoreService[] =>
  ofKind<CoreService>(system, 'Service').filter(({ apiVersion }) => apiVersion === 'v1');
export const knativeServices = (system: System) => ofKind<KnativeService>(system, 'Service', 'serving.knative.dev');
export const httpRoutes = (system: System) => ofKind<HttpRoute>(system, 'HTTPRoute');
export const configMaps = (system: System) => ofKind(system, 'ConfigMap');
export const networkPolicies = (system: System) => ofKind<NetworkPolicy>(system, 'NetworkPolicy');
export const namespaces = (system: System) => ofKind(system, 'Namespace');
export const gateways = (system: System) => ofKind<Gateway>(system, 'Gateway');
export const priorityClasses = (system: System) => ofKind(system, 'PriorityClass');
export const secrets = (system: System) => ofKind(system, 'Secret');
export const topics = (system: System) => [
  ...ofKind(system, 'KafkaTopic', 'kafka.strimzi.io'),
  ...ofKind(system, 'Topic', 'cluster.redpanda.com'),
];

/** Every pod that can come to be, by the object that makes it. */
export function pods(system: System): { owner: string; spec: PodSpec }[] {
  return [...deployments(system), ...knativeServices(system)].map(({ kind, metadata, spec }) => ({
    owner: `${kind} ${metadata.name}`,
    spec: spec.template.spec,
  }));
}

export function containersOf({ initContainers = [], containers }: PodSpec): Container[] {
  return [...initContainers, ...containers];
}

/** Every container that can come to be, by its name and its pod's. */
export function allContainers(system: System): { owner: string; container: Container }[] {
  return pods(system).flatMap(({ owner, spec }) =>
    containersOf(spec).map((container) => ({ owner: `${owner}, container ${container.name}`, container })),
  );
}

/** The one Deployment of daprd. Throws where there is none. */
export function daprd(system: System): { deployment: Deployment; container: Container } {
  const deployment = deployments(system).find(({ metadata }) => metadata.name === 'daprd');
  const container = deployment?.spec.template.spec.containers.find(({ name }) => name === 'daprd');
  if (!deployment || !container) throw new Error('there is no Deployment daprd with a container daprd');
  return { deployment, container };
}

/** A container's flags, `--name=value`, by name. */
export function flagsOf({ args = [] }: Container): Map<string, string> {
  return new Map(args.map((argument) => argument.split(/=(.*)/s, 2) as [string, string]));
}

/** The files that a container of a pod finds in the folder, from the ConfigMap that is mounted there. */
export function mountedFiles(system: System, spec: PodSpec, container: Container, folder: string) {
  const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === folder);
  const volume = spec.volumes?.find(({ name }) => name === mount?.name);
  const config = configMaps(system).find(({ metadata }) => metadata.name === volume?.configMap?.name);
  if (!config?.data) throw new Error(`container ${container.name} has no ConfigMap at ${folder}`);
  return config.data;
}

/** A Dapr resource as the sidecar reads it. */
export interface DaprResource {
  kind: string;
  metadata: { name: string };
  spec: {
    type?: string;
    pubsubname?: string;
    topic?: string;
    deadLetterTopic?: string;
    routes?: { default?: string };
    metadata?: { name: string; value?: string }[] | Record<string, string>;
    policies?: {
      timeouts?: Record<string, string>;
      retries?: Record<string, { policy?: string; maxRetries?: number }>;
    };
    targets?: { components?: Record<string, { inbound?: { timeout?: string; retry?: string } }> };
  };
  scopes?: string[];
}

/** What the sidecar reads, by file. */
export function daprFiles(system: System): Map<string, DaprResource[]> {
  const { deployment, container } = daprd(system);
  const folder = flagsOf(container).get('--resources-path') ?? '';
  const files = Object.entries(mountedFiles(system, deployment.spec.template.spec, container, folder));
  return new Map(
    files.map(([file, text]) => [
      file,
      parseAllDocuments(text)
        .map((document): DaprResource | null => document.toJS())
        .filter((resource) => resource !== null),
    ]),
  );
}

/** The Dapr resources of a kind, whatever their file. */
export function daprResources(system: System, kind: string): DaprResource[] {
  return [...daprFiles(system).values()].flat().filter((resource) => resource.kind === kind);
}

/** A value of a component's metadata. */
export function metadataValue({ spec }: DaprResource, name: string): string | undefined {
  return Array.isArray(spec.metadata) ? spec.metadata.find((item) => item.name === name)?.value : undefined;
}
