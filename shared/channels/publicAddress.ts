import { BlockList, isIP } from 'node:net';

/** IPv4 ranges that are not for everybody (IANA's special-purpose registry, RFC 6890), or not one host's: with prefix. */
const SPECIAL_IPV4: [string, number][] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private (RFC 1918)
  ['100.64.0.0', 10], // shared by a carrier's customers (RFC 6598)
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, and the metadata services of clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays, given up (RFC 7526)
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
];

/** Of the unicast addresses that IPv6 gives out worldwide (2000::/3), those that stand for something else. */
const SPECIAL_IPV6: [string, number][] = [
  ['2001::', 23], // protocol assignments, Teredo and ORCHID among them
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: any IPv4 address
  ['3fff::', 20], // documentation
];

/**
 * Whether an IP address is one host's of the public internet. Everything of IPv6 outside of 2000::/3 is not: loopback,
 * unique local, link-local and multicast addresses, and those that stand for one of IPv4 (mapped, NAT64).
 */
export function isPublicAddress(address: string): boolean {
  const { specialIpv4, unicast, specialIpv6 } = lists();
  switch (isIP(address)) {
    case 4:
      return !specialIpv4.check(address, 'ipv4');
    case 6:
      // A zone (fe80::1%eth0) names an interface of this machine.
      return !address.includes('%') && unicast.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** The IP address that a URL's host is; undefined for a name. */
export function literalAddress({ hostname }: URL): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 ? undefined : address;
}

interface Lists {
  specialIpv4: BlockList;
  unicast: BlockList;
  specialIpv6: BlockList;
}

let made: Lists | undefined;

function lists(): Lists {
  made ??= {
    specialIpv4: listOf(SPECIAL_IPV4, 'ipv4'),
    unicast: listOf([['2000::', 3]], 'ipv6'),
    specialIpv6: listOf(SPECIAL_IPV6, 'ipv6'),
  };
  return made;
}

function listOf(subnets: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family);
  return list;
}
