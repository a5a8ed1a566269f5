import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../real/process/command.ts';
import { INTERFACE, MACHINE_ADDRESS, NODE_ADDRESS, NODE_NETWORK, RUN_FOLDER } from '../names.ts';
import { mountsBelow } from './mounts.ts';

/** What holds the node's network namespace, also while nothing runs in it. */
export const NAMESPACE_FILE = join(RUN_FOLDER, 'network');
/** The node's end of the pair of interfaces. */
const NODE_INTERFACE = 'node0';
const PREFIX_LENGTH = NODE_NETWORK.split('/')[1];

/** What makes a command run in the node's network. `ip netns exec` would hide the cgroups from it. */
export const inNetwork = (command: readonly string[]): [string, ...string[]] => [
  'nsenter',
  `--net=${NAMESPACE_FILE}`,
  ...command,
];

const run = ([file, ...args]: readonly [string, ...string[]]) =>
  runCommand(file, args, { install: 'install it (Debian: apt-get install util-linux iproute2 procps)' });
const onMachine = (...args: string[]) => run(['ip', ...args]);
const onNode = (...args: string[]) => run(inNetwork(['ip', ...args]));

/** Makes the node's network: a namespace, joined with this machine by a pair of interfaces. Nothing is routed further. */
export async function createNetwork(): Promise<void> {
  await requireFreeAddresses();
  await writeFile(NAMESPACE_FILE, '');
  // Not by `ip netns add`, which leaves a mount of its own behind.
  await run(['unshare', `--net=${NAMESPACE_FILE}`, 'true']);
  await onNode('link', 'add', INTERFACE, 'type', 'veth', 'peer', 'name', NODE_INTERFACE);
  await onNode('link', 'set', INTERFACE, 'netns', String(process.pid));
  await onMachine('address', 'add', `${MACHINE_ADDRESS}/${PREFIX_LENGTH}`, 'dev', INTERFACE);
  await onMachine('link', 'set', INTERFACE, 'up');
  await onNode('link', 'set', 'lo', 'up');
  await onNode('address', 'add', `${NODE_ADDRESS}/${PREFIX_LENGTH}`, 'dev', NODE_INTERFACE);
  await onNode('link', 'set', NODE_INTERFACE, 'up');
  await onNode('route', 'add', 'default', 'via', MACHINE_ADDRESS);
  // The second one makes what pods send each other pass the rules that lead to Services, too.
  await run(inNetwork(['sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1']));
}

async function requireFreeAddresses(): Promise<void> {
  const route = (await onMachine('route', 'show', 'root', NODE_NETWORK)).trim();
  if (route) throw new Error(`this machine uses the network ${NODE_NETWORK}, which the cluster needs: ${route}`);
}

/** Removes the namespace and both interfaces. Nothing may run in it any more. */
export async function removeNetwork(): Promise<void> {
  if (await hasInterface()) await onMachine('link', 'delete', INTERFACE);
  if (await hasNamespace()) await run(['umount', NAMESPACE_FILE]);
}

export async function hasNamespace(): Promise<boolean> {
  return (await mountsBelow(RUN_FOLDER)).includes(NAMESPACE_FILE);
}

export function hasInterface(): Promise<boolean> {
  return access(`/sys/class/net/${INTERFACE}`).then(
    () => true,
    () => false,
  );
}
