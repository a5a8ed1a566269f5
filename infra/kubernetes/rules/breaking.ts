import type { Container, KnativeService, KubernetesObject, PodSpec } from './objects.ts';

// biome-ignore lint/suspicious/noExplicitAny: what breaks an object has no type any more
type Loose = KubernetesObject & { spec: any };
/** Rendered objects, to be changed. */
export type Objects = KubernetesObject[];

/** A copy of the objects with a change. Throws where the change changes nothing. */
export function changed(objects: readonly KubernetesObject[], change: (objects: Objects) => void): Objects {
  const copy = structuredClone([...objects]);
  change(copy);
  if (JSON.stringify(copy) === JSON.stringify(objects)) throw new Error('the change changes nothing');
  return copy;
}

/** The first object of a kind (not Knative's Services), with that name where one is given. */
export function find(objects: Objects, kind: string, name?: string | RegExp): Loose {
  const hasName = ({ metadata }: KubernetesObject) =>
    typeof name === 'string' ? metadata.name === name : (name?.test(metadata.name) ?? true);
  const found = objects.find((object) => object.kind === kind && hasName(object));
  if (!found) throw new Error(`there is no ${kind} ${name ?? ''}`);
  return found as Loose;
}

/** A function's Service. */
export function service(objects: Objects, name: string): KnativeService {
  const found = objects.find(
    ({ apiVersion, metadata }) => apiVersion.startsWith('serving.knative.dev/') && metadata.name === name,
  );
  if (!found) throw new Error(`there is no function ${name}`);
  return found as KnativeService;
}

/** The container of a function, or the first of a Deployment that is no sidecar. */
export function container({ spec }: { spec: { template: { spec: PodSpec } } }): Container {
  const [first] = spec.template.spec.containers;
  if (!first) throw new Error('there is no container');
  return first;
}

export function router(objects: Objects): Container {
  const [first] = find(objects, 'Deployment', 'daprd').spec.template.spec.initContainers;
  return first;
}

/** Replaces text in a file of a ConfigMap. */
export function editFile(objects: Objects, file: string, from: string | RegExp, to: string): void {
  const config = objects.find(({ kind, data }) => kind === 'ConfigMap' && data?.[file] !== undefined);
  if (!config?.data) throw new Error(`no ConfigMap has ${file}`);
  config.data[file] = (config.data[file] ?? '').replace(from, to);
}
