import { allContainers, namespaces, pods } from './objects.ts';
import type { Rule } from './rule.ts';

/** Kubernetes refuses a pod that is not restricted. */
export const restrictedNamespaces: Rule = {
  name: 'restricted-namespace',
  check(system) {
    const all = namespaces(system).filter(
      ({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted',
    );
    return [
      ...all.map(({ metadata }) => `${metadata.name} does not enforce "restricted"`),
      ...(namespaces(system).length === 0 ? ['there is no namespace'] : []),
    ];
  },
};

/** What "restricted" does not ask: nothing is written to an image, and nobody has a token for Kubernetes. */
export const hardenedPods: Rule = {
  name: 'hardening',
  check: (system) => [
    ...allContainers(system)
      .filter(({ container }) => !container.securityContext?.readOnlyRootFilesystem)
      .map(({ owner }) => `${owner} can write to its image`),
    ...pods(system)
      .filter(({ spec }) => spec.automountServiceAccountToken !== false)
      .map(({ owner }) => `${owner} has a token for the Kubernetes API`),
    ...pods(system)
      .filter(({ spec }) => !spec.serviceAccountName || spec.serviceAccountName === 'default')
      .map(({ owner }) => `${owner} has the namespace's own service account`),
  ],
};

/** No pod takes memory without end, and each says what it needs at least. */
export const resources: Rule = {
  name: 'resources',
  check: (system) =>
    allContainers(system)
      .filter(({ container: { resources } }) => {
        return !(resources?.requests?.cpu && resources.requests.memory && resources.limits?.memory);
      })
      .map(({ owner }) => `${owner} has no request, or no limit of its memory`),
};
