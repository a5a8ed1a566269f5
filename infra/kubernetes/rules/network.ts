import { configMaps, daprd, flagsOf, gateways, type NetworkPolicy, networkPolicies, type Peer } from './objects.ts';
import type { Rule } from './rule.ts';

/** daprd's API, whose token opens the way to every function. */
const API_PORT = 3500;

/** By which policies tell daprd, the bridge and the scheduler. */
const NAME_LABEL = 'app.kubernetes.io/name';

/** Nobody talks to anybody unless a policy says so. */
export const denyByDefault: Rule = {
  name: 'deny-by-default',
  check(system) {
    const closes = ({ spec }: NetworkPolicy) =>
      !spec.podSelector.matchLabels &&
      !spec.podSelector.matchExpressions &&
      ['Ingress', 'Egress'].every((type) => spec.policyTypes.includes(type)) &&
      !spec.ingress?.length &&
      !spec.egress?.length;
    return networkPolicies(system).some(closes) ? [] : ['pods may be reached by anybody, or reach anybody'];
  },
};

/** Functions alone reach the sidecar's API. */
export const sidecarAudience: Rule = {
  name: 'sidecar-audience',
  check(system) {
    const rules = networkPolicies(system)
      .filter(({ spec }) => selectsDaprd(spec.podSelector))
      .flatMap(({ metadata, spec }) => (spec.ingress ?? []).map((rule) => ({ name: metadata.name, ...rule })))
      .filter(({ ports }) => !ports || ports.some(({ port }) => port === API_PORT));
    const open = rules.filter(({ from }) => !from?.length || from.some((peer) => !isFunction(peer)));
    return [
      ...open.map(({ name }) => `the policy ${name} lets others than functions reach the sidecar`),
      ...(rules.length > 0 ? [] : ['functions cannot reach the sidecar']),
    ];
  },
};

/** The sidecar alone reaches the scheduler, which lets functions be called by whoever sets a job; and it does reach it. */
export const schedulerAudience: Rule = {
  name: 'scheduler-audience',
  check(system) {
    const port = Number(flagsOf(daprd(system).container).get('--scheduler-host-address')?.split(':')[1]);
    if (!port) return [];
    const isAtPort = ({ ports }: { ports?: { port: number | string }[] }) =>
      !ports || ports.some((each) => each.port === port);
    const is = (name: string, { podSelector, namespaceSelector, ipBlock }: Peer) =>
      podSelector?.matchLabels?.[NAME_LABEL] === name && !namespaceSelector && !ipBlock;
    const ways = networkPolicies(system)
      .filter(({ spec }) => spec.podSelector.matchLabels?.[NAME_LABEL] === 'scheduler')
      .flatMap(({ metadata, spec }) => (spec.ingress ?? []).map((rule) => ({ name: metadata.name, ...rule })))
      .filter(isAtPort);
    const open = ways.filter(({ from }) => !from?.length || from.some((peer) => !is('daprd', peer)));
    const exits = networkPolicies(system)
      .filter(({ spec }) => selectsDaprd(spec.podSelector))
      .flatMap(({ spec }) => spec.egress ?? [])
      .filter((rule) => isAtPort(rule) && rule.to?.some((peer) => is('scheduler', peer)));
    return [
      ...open.map(({ name }) => `the policy ${name} lets others than daprd reach the scheduler`),
      ...(ways.length > 0 && exits.length > 0 ? [] : ['daprd cannot reach the scheduler']),
    ];
  },
};

/** Of a cluster's or a machine's own: what is not everybody's internet. */
const PRIVATE = ['10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];

/** Users choose where a webhook leads to, so a function's way to any address is one to the outside only. */
export const outsideOnly: Rule = {
  name: 'outside-only',
  check: (system) =>
    networkPolicies(system)
      .filter(({ spec }) => !selectsOthersThanFunctions(spec.podSelector))
      .filter(({ spec }) =>
        spec.egress?.some(({ to }) => !to?.length || to.some(({ ipBlock }) => ipBlock && !isOutside(ipBlock))),
      )
      .map(({ metadata }) => `the policy ${metadata.name} lets functions reach any address inside`),
};

/** Webhooks go to private addresses only where nobody from elsewhere can make one: where the API has a local name. */
export const privateWebhooks: Rule = {
  name: 'private-webhooks',
  check(system) {
    const isLocal = gateways(system).every(({ spec }) =>
      spec.listeners.every(({ hostname }) => hostname?.endsWith('.localhost')),
    );
    return configMaps(system)
      .filter(({ data }) => data?.WEBHOOK_ALLOW_PRIVATE_ADDRESSES === 'true' && !isLocal)
      .map(({ metadata }) => `the ConfigMap ${metadata.name} lets webhooks go to private addresses`);
  },
};

function selectsOthersThanFunctions(selector: NetworkPolicy['spec']['podSelector']): boolean {
  return JSON.stringify(selector).includes(NAME_LABEL);
}

/** A block of some addresses is chosen by the overlay; one of all must leave out the private ones. */
function isOutside({ cidr, except = [] }: { cidr: string; except?: string[] }): boolean {
  if (cidr === '::/0') return except.includes('fc00::/7');
  return cidr !== '0.0.0.0/0' || PRIVATE.every((range) => except.includes(range));
}

function selectsDaprd({ matchLabels, matchExpressions }: NetworkPolicy['spec']['podSelector']): boolean {
  if (matchLabels) return matchLabels[NAME_LABEL] === 'daprd';
  return !matchExpressions || JSON.stringify(matchExpressions).includes('daprd');
}

function isFunction(peer: Peer): boolean {
  const expressions = peer.podSelector?.matchExpressions ?? [];
  const isOfKnative = expressions.some(
    ({ key, operator }) => key === 'serving.knative.dev/service' && operator === 'Exists',
  );
  return isOfKnative && !peer.namespaceSelector && !peer.ipBlock;
}
