const core = (paths: readonly string[]) =>
  paths.map((path) => ({ module: 'knative.dev/serving', path: `config/core/${path}` }));
const networking = (names: readonly string[]) =>
  names.map((name) => ({ module: 'knative.dev/networking', path: `config/${name}` }));

/**
 * What makes Knative Serving of its modules' files, folders included. Left out are the autoscalers of its own
 * deployments, of which a cluster of one node needs one replica each, and its network's configuration, which is ours.
 */
export const knativeManifests = [
  ...core(['300-resources']),
  ...networking(['certificate.yaml', 'domain-claim.yaml', 'ingress.yaml', 'serverlessservice.yaml']),
  { module: 'knative.dev/caching', path: 'config/image.yaml' },
  ...core(['100-namespace.yaml', '200-roles', '200-serviceaccount.yaml', 'configmaps', 'webhooks']),
  ...core(['activator', 'autoscaler', 'controller', 'webhook'].map((name) => `deployments/${name}.yaml`)),
  ...core(['999-cache.yaml']),
];

/** The Gateway API's definitions, at the version that Traefik was written for. */
export const gatewayManifests = [{ module: 'sigs.k8s.io/gateway-api', path: 'config/crd/standard' }];
