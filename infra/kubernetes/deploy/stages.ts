import type { KubernetesObject } from '../rules/objects.ts';
import { groupOf } from './objects.ts';

/** Objects that are applied together, and that must be there before the next stage. */
export interface Stage {
  name: string;
  objects: readonly KubernetesObject[];
}

/** A function's new revision starts one instance before it is ready; so many of them at once a small cluster can bear. */
const FUNCTIONS_AT_ONCE = 8;

/**
 * In which order objects are applied, so that no event is lost and no request refused, with both versions at work in
 * between:
 *
 * 1. what others refer to, and the topics, since a subscription or a publish to one that is missing fails;
 * 2. the way to the database, which functions start with;
 * 3. the functions. The sidecar that still runs calls those that it knows by names that stay;
 * 4. the scheduler. While it is replaced, events go on, and what is due waits a second for its job;
 * 5. the sidecar, which looks for a scheduler at its start. While it is replaced, what functions publish waits in the
 *    outbox; the new one finds each function that its routes and subscriptions name;
 * 6. the way in for clients, to functions that are all there.
 */
export function stagesOf(objects: readonly KubernetesObject[]): Stage[] {
  const is = (object: KubernetesObject, kind: string, group: string) =>
    object.kind === kind && groupOf(object.apiVersion) === group;
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
  const functions = objects.filter((object) => is(object, 'Service', 'serving.knative.dev'));
  const deployments = objects.filter((object) => is(object, 'Deployment', 'apps'));
  const sidecar = deployments.filter(({ metadata }) => metadata.name === 'daprd');
  const scheduler = deployments.filter(({ metadata }) => metadata.name === 'scheduler');
  const others = deployments.filter((object) => ![...sidecar, ...scheduler].includes(object));
  const way = objects.filter(
    ({ kind, apiVersion }) =>
      ['Gateway', 'HTTPRoute'].includes(kind) && groupOf(apiVersion) === 'gateway.networking.k8s.io',
  );
  const later = new Set([...namespaces, ...functions, ...deployments, ...way]);
  const waves = Array.from({ length: Math.ceil(functions.length / FUNCTIONS_AT_ONCE) }, (_, wave) => ({
    name: `functions, ${Math.min((wave + 1) * FUNCTIONS_AT_ONCE, functions.length)} of ${functions.length}`,
    objects: functions.slice(wave * FUNCTIONS_AT_ONCE, (wave + 1) * FUNCTIONS_AT_ONCE),
  }));
  return [
    { name: 'namespace', objects: namespaces },
    { name: 'settings, policies and topics', objects: objects.filter((object) => !later.has(object)) },
    { name: 'the way to the database', objects: others },
    ...waves,
    { name: 'the scheduler', objects: scheduler },
    { name: 'the sidecar', objects: sidecar },
    { name: 'gateway and routes', objects: way },
  ].filter((stage) => stage.objects.length > 0);
}
