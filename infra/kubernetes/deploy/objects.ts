import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import type { KubernetesObject } from '../rules/objects.ts';
import type { Kubectl } from './kubectl.ts';

/** The label of everything that a deployment of this project owns in a cluster. */
export const OWN_LABEL = 'app.kubernetes.io/part-of=evolution-todo';

/** Which object is meant, whatever the version that it is written in. */
export interface Reference {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

/** An object's API group, empty for Kubernetes's oldest. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

export function referenceOf({ apiVersion, kind, metadata }: KubernetesObject): Reference {
  return { group: groupOf(apiVersion), kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

/** An object as a person reads it, such as `KafkaTopic.kafka.strimzi.io kafka/evolution-todo.tasks.created`. */
export function describe({ group, kind, namespace, name }: Reference): string {
  return `${kindOf({ group, kind })} ${namespace ? `${namespace}/` : ''}${name}`;
}

/** A kind as kubectl takes it. */
export function kindOf({ group, kind }: Pick<Reference, 'group' | 'kind'>): string {
  return group ? `${kind}.${group}` : kind;
}

/** Renders an overlay. Rejects, with Kustomize's own words, where it cannot be. */
export async function render(kubectl: Kubectl, folder: string): Promise<KubernetesObject[]> {
  const documents = parseAllDocuments(await kubectl(['kustomize', folder]));
  return documents.map((document): KubernetesObject | null => document.toJS()).filter((object) => object !== null);
}

/** Objects as kubectl takes them on its standard input. */
export function listOf(objects: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  observedGeneration: z.number().optional(),
});
export type Condition = z.output<typeof condition>;

const liveObject = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    generation: z.number().optional(),
    ownerReferences: z.array(z.unknown()).optional(),
  }),
  spec: z.looseObject({ replicas: z.number().optional() }).optional(),
  status: z
    .looseObject({
      observedGeneration: z.number().optional(),
      conditions: z.array(condition).optional(),
      parents: z.array(z.object({ conditions: z.array(condition).optional() })).optional(),
      replicas: z.number().optional(),
      updatedReplicas: z.number().optional(),
      availableReplicas: z.number().optional(),
      addresses: z.array(z.object({ value: z.string() })).optional(),
    })
    .optional(),
});

/** What is looked at of an object in the cluster. */
export type LiveObject = z.output<typeof liveObject>;

/** Objects out of what `kubectl get -o json` writes: a list, one object, or nothing. */
export function parseObjects(json: string): LiveObject[] {
  if (json.trim() === '') return [];
  const parsed = z.union([z.object({ items: z.array(liveObject) }), liveObject]).parse(JSON.parse(json));
  return 'items' in parsed ? parsed.items : [parsed];
}
