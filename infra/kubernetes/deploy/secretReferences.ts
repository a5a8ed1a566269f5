import { containersOf, type KubernetesObject, pods } from '../rules/objects.ts';

/** A Secret that manifests refer to, and the keys that it must have. */
export interface SecretReference {
  namespace: string;
  name: string;
  keys: ReadonlySet<string>;
}

interface Gateway extends KubernetesObject {
  spec: { listeners: { tls?: { certificateRefs?: { kind?: string; name: string; namespace?: string }[] } }[] };
}

/** The Secrets without which something would not start, each once. */
export function secretReferences(objects: readonly KubernetesObject[]): SecretReference[] {
  const found = new Map<string, { namespace: string; name: string; keys: Set<string> }>();
  const need = (namespace: string, name: string, keys: readonly string[]) => {
    const id = `${namespace}/${name}`;
    const entry = found.get(id) ?? { namespace, name, keys: new Set<string>() };
    for (const key of keys) entry.keys.add(key);
    found.set(id, entry);
  };
  for (const object of objects) {
    const namespace = object.metadata.namespace ?? '';
    for (const { spec } of pods({ objects: [object], definitions: [], hasTopics: false })) {
      for (const { env = [], envFrom = [] } of containersOf(spec)) {
        for (const { valueFrom } of env) {
          const reference = valueFrom?.secretKeyRef;
          if (reference && !reference.optional) need(namespace, reference.name, [reference.key]);
        }
        for (const { secretRef } of envFrom) if (secretRef) need(namespace, secretRef.name, []);
      }
    }
    if (object.kind !== 'Gateway') continue;
    for (const { tls } of (object as Gateway).spec.listeners) {
      for (const reference of tls?.certificateRefs ?? []) {
        need(reference.namespace ?? namespace, reference.name, ['tls.crt', 'tls.key']);
      }
    }
  }
  return [...found.values()];
}
