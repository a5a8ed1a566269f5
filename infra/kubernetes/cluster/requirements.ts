import { access, constants, mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../real/process/command.ts';
import { hierarchies } from './node/cgroups.ts';

/** What this machine is asked for. */
export interface Machine {
  platform: NodeJS.Platform;
  uid: number | undefined;
  /** Whether a program is in the PATH. */
  hasProgram(name: string): Promise<boolean>;
  /** Runs what a cluster does to the kernel, in a namespace that is gone at once; rejects where it may not. */
  tryNetwork(): Promise<unknown>;
  /** Makes and removes a cgroup of each kind; rejects where it may not, or where one is not mounted. */
  tryCgroups(): Promise<unknown>;
}

/** Programs by the Debian package that has them. */
const packages: Readonly<Record<string, readonly string[]>> = {
  containerd: ['containerd', 'containerd-shim-runc-v2', 'ctr'],
  runc: ['runc'],
  iproute2: ['ip'],
  iptables: ['iptables'],
  'util-linux': ['nsenter', 'unshare', 'mount', 'umount'],
  procps: ['sysctl'],
  openssl: ['openssl'],
};

/** Rejects, with everything that is missing and how to get it, where this machine can't run a node. */
export async function requireNodeMachine(machine: Machine = thisMachine()): Promise<void> {
  const missing = await missingOf(machine);
  if (missing.length === 0) return;
  throw new Error(`this machine can't run a cluster:\n${missing.map((line) => `  - ${line}`).join('\n')}`);
}

/** What keeps a machine from running a node, in sentences; empty where nothing does. */
export async function missingOf(machine: Machine): Promise<string[]> {
  if (machine.platform !== 'linux') return ['Kubernetes runs on Linux only'];
  const missing = await missingPackages(machine);
  if (machine.uid !== 0) missing.push('it takes the rights of root: start as root');
  // Without those, what follows would say the same again.
  if (missing.length > 0) return missing;
  await machine.tryNetwork().catch((error: Error) => {
    missing.push(`no network namespace with interfaces and packet filter of its own can be made: ${reason(error)}`);
  });
  await machine.tryCgroups().catch((error: Error) => {
    missing.push(`no cgroups can be made: ${reason(error)}`);
  });
  if (missing.length > 0) missing.push('in a container, start that one privileged, or use a virtual machine');
  return missing;
}

async function missingPackages({ hasProgram }: Machine): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, programs] of Object.entries(packages)) {
    const found = await Promise.all(programs.map(hasProgram));
    const absent = programs.filter((_, index) => !found[index]);
    if (absent.length > 0)
      missing.push(`${absent.join(', ')} missing: install ${name} (Debian: apt-get install ${name})`);
  }
  return missing;
}

function reason(error: Error): string {
  return error.message.split('\n').join(' ');
}

function thisMachine(): Machine {
  const install = 'install util-linux';
  return {
    platform: process.platform,
    uid: process.getuid?.(),
    async hasProgram(name) {
      // Others than root often have no folders of root's programs in their PATH; that is no reason to install those.
      const more = process.getuid?.() === 0 ? '' : ':/usr/local/sbin:/usr/sbin:/sbin';
      const folders = `${process.env.PATH ?? ''}${more}`.split(':').filter(Boolean);
      const found = await Promise.all(folders.map((folder) => isExecutable(join(folder, name))));
      return found.includes(true);
    },
    async tryNetwork() {
      await runCommand('unshare', ['--net', 'ip', 'link', 'add', 'type', 'veth'], { install });
      await runCommand('unshare', ['--net', 'iptables', '-t', 'nat', '-L', '-n'], { install });
    },
    async tryCgroups() {
      for (const folder of await hierarchies()) {
        const probe = join(folder, `evolution-todo-probe-${process.pid}`);
        await mkdir(probe);
        await rmdir(probe);
      }
    },
  };
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
