import { access } from 'node:fs/promises';
import { runCommand } from '../../../real/process/command.ts';
import { MACHINE_ADDRESS, NAMESPACE, NODE_ADDRESS, NODE_NETWORK } from '../names.ts';

/** The file that holds the namespace. */
export const NAMESPACE_FILE = `/run/netns/${NAMESPACE}`;
/** The node's end of the pair of interfaces. The other has the namespace's own name. */
const NODE_INTERFACE = 'node0';
const PREFIX_LENGTH = NODE_NETWORK.split('/')[1];

const ip = (...args: string[]) =>
  runCommand('ip', args, { install: 'install iproute2 (Debian: apt-get install iproute2)' });

/** What makes a command run in the node's network. `ip netns exec` would hide the cgroups from it. */
export const inNetwork = (command: readonly string[]): [string, ...string[]] => [
  'nsenter',
  `--net=${NAMESPACE_FILE}`,
  ...command,
];

/** Makes the node's network: a namespace, joined with this machine by a pair of interfaces. Nothing is routed further. */
export async function createNetwork(): Promise<void> {
  await requireFreeAddresses();
  await ip('netns', 'add', NAMESPACE);
  await ip('link', 'add', NAMESPACE, 'type', 'veth', 'peer', 'name', NODE_INTERFACE, 'netns', NAMESPACE);
  await ip('address', 'add', `${MACHINE_ADDRESS}/${PREFIX_LENGTH}`, 'dev', NAMESPACE);
  await ip('link', 'set', NAMESPACE, 'up');
  const node = (...args: string[]) => ip('-n', NAMESPACE, ...args);
  await node('link', 'set', 'lo', 'up');
  await node('address', 'add', `${NODE_ADDRESS}/${PREFIX_LENGTH}`, 'dev', NODE_INTERFACE);
  await node('link', 'set', NODE_INTERFACE, 'up');
  await node('route', 'add', 'default', 'via', MACHINE_ADDRESS);
  // The second one makes what pods send each other pass the rules that lead to Services, too.
  const settings = ['net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1'];
  const [file, ...args] = inNetwork(['sysctl', '-qw', ...settings]);
  await runCommand(file, args, { install: 'install util-linux and procps, and load the kernel module br_netfilter' });
}

async function requireFreeAddresses(): Promise<void> {
  const route = await ip('route', 'show', 'root', NODE_NETWORK);
  if (route.trim())
    throw new Error(`this machine uses the network ${NODE_NETWORK}, which the cluster needs: ${route.trim()}`);
}

/** Removes the namespace and, with it, both interfaces. Nothing may run in it any more. */
export async function removeNetwork(): Promise<void> {
  if (await hasInterface()) await ip('link', 'delete', NAMESPACE);
  if (await hasNamespace()) await ip('netns', 'delete', NAMESPACE);
}

export function hasNamespace(): Promise<boolean> {
  return access(NAMESPACE_FILE).then(
    () => true,
    () => false,
  );
}

export function hasInterface(): Promise<boolean> {
  return access(`/sys/class/net/${NAMESPACE}`).then(
    () => true,
    () => false,
  );
}
