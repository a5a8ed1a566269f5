import type { KubernetesObject } from '../rules/objects.ts';
import type { Kubectl } from './kubectl.ts';
import {
  describe,
  groupOf,
  kindOf,
  type LiveObject,
  listOf,
  OWN_LABEL,
  parseObjects,
  type Reference,
  referenceOf,
} from './objects.ts';

/** Who applies: the owner of the fields that it sets (server-side apply). */
export const FIELD_MANAGER = 'evolution-todo-deploy';

/** What would become of a cluster's objects. */
export interface Plan {
  create: Reference[];
  change: Reference[];
  /** How many are as they should be. */
  unchanged: number;
  remove: Reference[];
  /** Topics that the overlay no longer has, and whose events would be lost with them. */
  leftTopics: Reference[];
  /** What changes, as a unified diff. */
  diff: string;
}

export interface PlanOptions {
  /** Also removes topics that the overlay no longer has, with the events in them. */
  pruneTopics?: boolean;
  /** Takes fields over that somebody else has set. */
  forceConflicts?: boolean;
}

/** Compares what should be with what is. Changes nothing. */
export async function planFor(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { pruneTopics = false, forceConflicts = false }: PlanOptions = {},
): Promise<Plan> {
  const live = await liveOf(kubectl, objects);
  const create = objects.filter((object) => !live.has(idOf(referenceOf(object))));
  const present = objects.filter((object) => live.has(idOf(referenceOf(object))));
  const diff = present.length > 0 ? await diffOf(kubectl, present, forceConflicts) : '';
  const names = new Set([...diff.matchAll(/^diff .*\/([^/\s]+)$/gm)].map(([, name]) => name));
  const change = present.filter((object) => names.has(diffNameOf(object)));
  const { remove, leftTopics } = await leftBehind(kubectl, objects, pruneTopics);
  return {
    create: create.map(referenceOf),
    change: change.map(referenceOf),
    unchanged: present.length - change.length,
    remove,
    leftTopics,
    diff,
  };
}

const idOf = (reference: Reference) => JSON.stringify(reference);

/** Which of these objects exist. */
async function liveOf(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<ReadonlySet<string>> {
  const written = await kubectl(['get', '-f', '-', '--ignore-not-found', '-o', 'json'], listOf(objects));
  return new Set(parseObjects(written).map((object) => idOf(referenceOf(asObject(object)))));
}

function asObject({ apiVersion, kind, metadata: { name, namespace } }: LiveObject): KubernetesObject {
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } };
}

async function diffOf(kubectl: Kubectl, objects: readonly KubernetesObject[], force: boolean): Promise<string> {
  const args = ['diff', '--server-side', `--field-manager=${FIELD_MANAGER}`, ...(force ? ['--force-conflicts'] : [])];
  const { code, stdout, stderr } = await kubectl.run([...args, '-f', '-'], listOf(objects));
  // 1 tells of differences, more than that of a failure.
  if (code <= 1) return stdout;
  const toDo = /conflict/i.test(stderr) ? '\nTo take these fields over: --force-conflicts.' : '';
  throw new Error(`kubectl diff: ${stderr.trim()}${toDo}`);
}

/** What kubectl calls an object's file in a diff. */
function diffNameOf({ apiVersion, kind, metadata: { namespace = '', name } }: KubernetesObject): string {
  const version = apiVersion.split('/').at(-1);
  return [...(groupOf(apiVersion) ? [groupOf(apiVersion)] : []), version, kind, namespace, name].join('.');
}

/** Kinds that this project has objects of, as some version of it or another may have had; what leads to others first. */
const KINDS: readonly Pick<Reference, 'group' | 'kind'>[] = [
  { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' },
  { group: 'gateway.networking.k8s.io', kind: 'Gateway' },
  { group: 'gateway.networking.k8s.io', kind: 'ReferenceGrant' },
  { group: 'serving.knative.dev', kind: 'Service' },
  { group: 'apps', kind: 'Deployment' },
  { group: 'policy', kind: 'PodDisruptionBudget' },
  { group: '', kind: 'Service' },
  // The scheduler's: what is in it are hints, all of which the database has.
  { group: '', kind: 'PersistentVolumeClaim' },
  { group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  { group: '', kind: 'ServiceAccount' },
  { group: '', kind: 'ConfigMap' },
];
const TOPIC_KINDS = new Set(['KafkaTopic.kafka.strimzi.io', 'Topic.cluster.redpanda.com']);

/**
 * What an earlier deployment has left: labelled as the system's own, in its namespaces, made by nobody else's controller,
 * and not among the objects. A ConfigMap that a pod or a revision still refers to stays: it could be rolled back to.
 */
async function leftBehind(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  pruneTopics: boolean,
): Promise<Pick<Plan, 'remove' | 'leftTopics'>> {
  const wanted = new Set(objects.map((object) => idOf(referenceOf(object))));
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const listed = async (kinds: readonly string[], namespace: string) => {
    const args = ['get', kinds.join(), '-n', namespace, '-l', OWN_LABEL, '-o', 'json'];
    const found = parseObjects(await kubectl(args)).filter(({ metadata }) => !metadata.ownerReferences?.length);
    return found.map((object) => referenceOf(asObject(object))).filter((reference) => !wanted.has(idOf(reference)));
  };

  const rank = ({ group, kind }: Reference) => KINDS.findIndex((each) => each.group === group && each.kind === kind);
  const found = await Promise.all(namespaces.map((name) => listed(KINDS.map(kindOf), name)));
  const left = found.flat().sort((one, other) => rank(one) - rank(other));
  const used = left.some(({ kind }) => kind === 'ConfigMap')
    ? await namesInUse(kubectl, namespaces)
    : new Set<string>();
  const topics = objects.filter((object) => TOPIC_KINDS.has(kindOf(referenceOf(object))));
  const topicKinds = [...new Set(topics.map((topic) => kindOf(referenceOf(topic))))];
  const topicNamespaces = [...new Set(topics.flatMap(({ metadata }) => metadata.namespace ?? []))];
  const leftTopics = (await Promise.all(topicNamespaces.map((name) => listed(topicKinds, name)))).flat();
  const remove = left.filter(({ kind, name }) => kind !== 'ConfigMap' || !used.has(name));
  return pruneTopics ? { remove: [...remove, ...leftTopics], leftTopics: [] } : { remove, leftTopics };
}

/** Everything that is called by its name in what runs, or may run again. */
async function namesInUse(kubectl: Kubectl, namespaces: readonly string[]): Promise<ReadonlySet<string>> {
  const kinds = 'pods,replicasets.apps,revisions.serving.knative.dev';
  const written = await Promise.all(namespaces.map((name) => kubectl(['get', kinds, '-n', name, '-o', 'json'])));
  return new Set(written.flatMap((json) => [...json.matchAll(/"name": ?"([^"]+)"/g)].map(([, name]) => name ?? '')));
}

/** The plan as a person reads it. */
export function describePlan({ create, change, unchanged, remove, leftTopics }: Plan): string {
  const part = (mark: string, references: readonly Reference[]) =>
    references.map((each) => `  ${mark} ${describe(each)}`);
  return [
    ...part('+', create),
    ...part('~', change),
    ...part('-', remove),
    `${create.length} to create, ${change.length} to change, ${remove.length} to remove, ${unchanged} as they should be`,
    ...leftTopics.map((topic) => `  ! ${describe(topic)} stays, with its events, unless --prune-topics`),
  ].join('\n');
}
