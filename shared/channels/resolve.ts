import { lookup, Resolver } from 'node:dns/promises';

/** Resolves a host's name to all of its addresses. */
export type Resolve = (hostname: string) => Promise<{ address: string; family: number }[]>;

/** As this machine knows the name, for which it has a file besides. */
export const resolveHere: Resolve = (hostname) => lookup(hostname, { all: true });

/** A name server that does not answer ends a lookup within the time that a connection has; timeout in ms. */
const RESOLVER = { timeout: 1_500, tries: 2 };

/**
 * As the whole internet knows the name: without the names and suffixes of this network. Nor by the operating system, whose
 * lookups share four threads: slow name servers of a few webhooks would hold up everything else, the database's too.
 * Resolves to nothing for a name without addresses; rejects with the code ETIMEOUT where that could not be found out.
 */
export async function resolveByDns(hostname: string, servers?: readonly string[]): ReturnType<Resolve> {
  const resolver = new Resolver(RESOLVER);
  if (servers) resolver.setServers(servers);
  const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const found = [
    ...(ipv4.status === 'fulfilled' ? ipv4.value.map((address) => ({ address, family: 4 })) : []),
    ...(ipv6.status === 'fulfilled' ? ipv6.value.map((address) => ({ address, family: 6 })) : []),
  ];
  const reasons = [ipv4, ipv6].flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  if (found.length > 0 || reasons.every((code) => code === 'ENOTFOUND' || code === 'ENODATA')) return found;
  throw Object.assign(new Error(`the addresses of ${hostname} could not be found`), { code: 'ETIMEOUT' });
}
