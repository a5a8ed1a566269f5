import type { KubernetesObject } from '../rules/objects.ts';
import type { Kubectl } from './kubectl.ts';
import { kindOf, parseObjects, referenceOf } from './objects.ts';

interface Gateway extends KubernetesObject {
  spec: { listeners: { hostname?: string; port: number; protocol: string }[] };
}

/** Where clients find the API: by its name, and by the address that the gateway has been given, where it has one. */
export interface Address {
  url: string;
  hostName: string;
  gateway: string | undefined;
}

/** The way in that these objects make; undefined where they have no gateway. */
export async function addressOf(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<Address | undefined> {
  const gateway = objects.find((object): object is Gateway => object.kind === 'Gateway');
  const listener = gateway?.spec.listeners[0];
  if (!gateway || !listener) return undefined;
  const { name, namespace } = referenceOf(gateway);
  const [live] = parseObjects(
    await kubectl(['get', kindOf(referenceOf(gateway)), name, '-n', namespace, '-o', 'json']),
  );
  const scheme = listener.protocol === 'HTTPS' ? 'https' : 'http';
  const port = listener.port === (scheme === 'https' ? 443 : 80) ? '' : `:${listener.port}`;
  const hostName = listener.hostname ?? '';
  const [address] = live?.status?.addresses ?? [];
  return { url: `${scheme}://${hostName}${port}`, hostName, gateway: address && `${scheme}://${address.value}${port}` };
}

/** What to tell an operator once everything is up. */
export function describeAddress({ url, hostName, gateway }: Address, namespace: string): string {
  return `The API        ${url}
The gateway    ${gateway ?? 'has no address yet: kubectl get gateways -A'}
Operators      kubectl -n ${namespace} port-forward deployment/daprd 8081 3500
               then http://127.0.0.1:8081/admin/… is theirs, and http://127.0.0.1:3500 the sidecar

Next, see that it works. CMD prints a token for the user $SMOKE_USER:
  npm run smoke -- ${url} --token-command CMD
or, where ${hostName} is not in DNS:
  npm run smoke -- ${gateway ?? 'GATEWAY'} --host ${hostName} --token-command CMD`;
}
