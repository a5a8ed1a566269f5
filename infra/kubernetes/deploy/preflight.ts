import { images } from '../rules/images.ts';
import type { KubernetesObject } from '../rules/objects.ts';
import type { Kubectl } from './kubectl.ts';
import { describe, groupOf, referenceOf } from './objects.ts';
import { secretReferences } from './secretReferences.ts';

/** Kubernetes's first minor version whose pods can have sidecar containers, which daprd's pod needs: 1.29. */
const LEAST_MINOR = 29;
const ANSWER_WITHIN = '--request-timeout=15s';

/** Groups that are Kubernetes's own, and need no custom resource definitions. */
const BUILT_IN = new Set([
  '',
  'apps',
  'policy',
  'networking.k8s.io',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'autoscaling',
  'batch',
]);

/** What gives a cluster the kinds of a group. */
const providers: Readonly<Record<string, string>> = {
  'serving.knative.dev': 'install Knative Serving',
  'gateway.networking.k8s.io': 'install the Gateway API and an implementation of it',
  'kafka.strimzi.io': 'install Strimzi 0.49 or later, or choose an overlay without it',
  'cluster.redpanda.com': 'install the Redpanda operator, or choose an overlay without it',
};

/**
 * Looks whether the cluster can be spoken to at all, and resolves to what it is. Rejects, with what to do, where it
 * cannot.
 */
export async function requireCluster(kubectl: Kubectl): Promise<string> {
  const { gitVersion } = JSON.parse(await kubectl(['version', '--client', '-o', 'json'])).clientVersion;
  const { code, stdout, stderr } = await kubectl.run(['version', '-o', 'json', ANSWER_WITHIN]);
  const server = code === 0 ? JSON.parse(stdout).serverVersion : undefined;
  if (!server) throw new Error(`the cluster cannot be reached: ${lastLine(stderr)} Is that the right --context?`);
  if (Number(server.major) === 1 && Number.parseInt(server.minor, 10) < LEAST_MINOR) {
    throw new Error(
      `the cluster has Kubernetes ${server.gitVersion}; 1.${LEAST_MINOR} is the first with sidecar containers`,
    );
  }
  return `Kubernetes ${server.gitVersion}, kubectl ${gitVersion}`;
}

/** Everything that would keep these objects from becoming a running system, each with what to do about it. */
export async function preflight(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<string[]> {
  const checks = [
    placeholders(objects),
    images.check({ objects, definitions: [], hasTopics: false }),
    definitions(kubectl, objects),
    gatewayClasses(kubectl, objects),
    storageClasses(kubectl, objects),
    surroundings(kubectl, objects),
    secrets(kubectl, objects),
  ];
  return (await Promise.all(checks)).flat();
}

const PLACEHOLDER = /from-platform-env|\bexample\.(com|org|net)\b/;

/** What an overlay has as it comes, and must be told of the place where it is applied. */
function placeholders(objects: readonly KubernetesObject[]): string[] {
  const found = new Map<string, string>();
  for (const object of objects) {
    for (const value of strings(object)) {
      if (!PLACEHOLDER.test(value)) continue;
      const where = describe(referenceOf(object));
      found.set(value, found.get(value) ?? where);
    }
  }
  return [...found].map(
    ([value, where]) =>
      `${where} still has ${JSON.stringify(value)}: fill in the overlay's platform.env and evolution-todo.env`,
  );
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
}

const DEFINITIONS =
  'jsonpath={range .items[*]}{.spec.group}/{.spec.names.kind}' +
  ' {.status.conditions[?(@.type=="Established")].status}' +
  ' {.spec.versions[?(@.served==true)].name}{"\\n"}{end}';

async function definitions(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<string[]> {
  const lines = (await kubectl(['get', 'customresourcedefinitions', '-o', DEFINITIONS])).trim().split('\n');
  const known = new Map(lines.map((line) => line.split(' ')).map(([kind, ...rest]) => [kind, rest]));
  const needed = new Map<string, { group: string; kind: string; version: string }>();
  for (const { apiVersion, kind } of objects) {
    const [group = '', version = ''] = apiVersion.split('/');
    if (!BUILT_IN.has(groupOf(apiVersion))) needed.set(`${apiVersion} ${kind}`, { group, kind, version });
  }
  return [...needed.values()].flatMap(({ group, kind, version }) => {
    const [established, ...versions] = known.get(`${group}/${kind}`) ?? [];
    const toDo = providers[group] ?? 'install what defines it';
    if (established === undefined) return [`the cluster knows no ${kind} of ${group}: ${toDo}`];
    if (established !== 'True') return [`the definition of ${kind} of ${group} is not established: see why, or wait`];
    if (versions.includes(version)) return [];
    return [`the cluster serves ${kind} of ${group} as ${versions.join(', ')}, not as ${version}: ${toDo}`];
  });
}

interface Gateway extends KubernetesObject {
  spec: { gatewayClassName: string };
}

async function gatewayClasses(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<string[]> {
  const gateways = objects.filter((object): object is Gateway => object.kind === 'Gateway');
  const names = new Set(gateways.map(({ spec }) => spec.gatewayClassName).filter((name) => !PLACEHOLDER.test(name)));
  const accepted = 'jsonpath={.status.conditions[?(@.type=="Accepted")].status}';
  const problems = [...names].map(async (name) => {
    const { code, stdout } = await kubectl.run([
      'get',
      'gatewayclasses.gateway.networking.k8s.io',
      name,
      '-o',
      accepted,
    ]);
    if (code !== 0)
      return [`there is no GatewayClass ${name}: name one of the cluster’s as GATEWAY_CLASS in platform.env`];
    return stdout.trim() === 'True' ? [] : [`GatewayClass ${name} is not accepted: does its implementation run?`];
  });
  return (await Promise.all(problems)).flat();
}

interface Claim extends KubernetesObject {
  spec: { storageClassName?: string };
}

/** Classes by name, each with "true" where it is the default. */
const STORAGE_CLASSES =
  'jsonpath={range .items[*]}{.metadata.name}' +
  ' {.metadata.annotations.storageclass\\.kubernetes\\.io/is-default-class}{"\\n"}{end}';

/** Of the classes that storage is claimed of, which the cluster has not; a claim that names none is of the default one. */
async function storageClasses(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<string[]> {
  const claims = objects.filter((object): object is Claim => object.kind === 'PersistentVolumeClaim');
  if (claims.length === 0) return [];
  const written = await kubectl(['get', 'storageclasses.storage.k8s.io', '-o', STORAGE_CLASSES]);
  const classes = written.split('\n').map((line) => line.split(' '));
  return claims.flatMap(({ metadata, spec: { storageClassName } }) => {
    const isThere = classes.some(([name, isDefault]) =>
      storageClassName === undefined ? isDefault === 'true' : name === storageClassName,
    );
    if (isThere) return [];
    const wanted = storageClassName === undefined ? 'default StorageClass' : `StorageClass ${storageClassName}`;
    return [`there is no ${wanted} for ${metadata.name}: name one in the overlay, or give it another volume`];
  });
}

interface HttpRoute extends KubernetesObject {
  spec: { rules: { backendRefs?: { name: string; namespace?: string }[] }[] };
}

/** Namespaces and Services that the objects refer to, and that others bring. */
async function surroundings(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<string[]> {
  const own = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
  const foreign = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []).filter((name) => !own.has(name)));
  const routes = objects.filter((object): object is HttpRoute => object.kind === 'HTTPRoute');
  const backends = routes
    .flatMap(({ spec }) => spec.rules.flatMap(({ backendRefs = [] }) => backendRefs))
    .flatMap(({ name, namespace }) => (namespace === undefined ? [] : [`${namespace}/${name}`]));
  const exists = async (...args: string[]) => (await kubectl.run(['get', ...args, '-o', 'name'])).code === 0;
  const problems = [
    ...[...foreign].map(async (name) =>
      (await exists('namespace', name)) ? [] : [`there is no namespace ${name}: see platform.env`],
    ),
    ...[...new Set(backends)].map(async (backend) => {
      const [namespace = '', name = ''] = backend.split('/');
      const toDo =
        'name Knative’s ingress for calls from inside as INGRESS_SERVICE and INGRESS_NAMESPACE in platform.env';
      return (await exists('service', name, '-n', namespace)) ? [] : [`there is no Service ${backend}: ${toDo}`];
    }),
  ];
  return (await Promise.all(problems)).flat();
}

/** Writes the names of a Secret's keys, and no value. */
const KEYS = 'go-template={{range $key, $value := .data}}{{$key}}{{"\\n"}}{{end}}';

async function secrets(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<string[]> {
  const toDo = 'infra/kubernetes/README.md tells how to make it';
  const problems = secretReferences(objects).map(async ({ namespace, name, keys }) => {
    const { code, stdout, stderr } = await kubectl.run(['get', 'secret', name, '-n', namespace, '-o', KEYS]);
    const needed = [...keys].sort();
    if (code !== 0 && /not ?found/i.test(stderr)) {
      return [`Secret ${namespace}/${name} is missing, with ${needed.join(', ')}: ${toDo}`];
    }
    if (code !== 0) return [`Secret ${namespace}/${name} cannot be looked at: ${lastLine(stderr)}`];
    const has = new Set(stdout.split('\n'));
    const missing = needed.filter((key) => !has.has(key));
    return missing.length > 0 ? [`Secret ${namespace}/${name} lacks ${missing.join(', ')}: ${toDo}`] : [];
  });
  return (await Promise.all(problems)).flat();
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
