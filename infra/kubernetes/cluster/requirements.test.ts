import { expect, it } from 'vitest';
import { type Machine, missingOf, requireNodeMachine } from './requirements.ts';

const fitting: Machine = {
  platform: 'linux',
  uid: 0,
  hasProgram: async () => true,
  tryNetwork: async () => {},
  tryCgroups: async () => {},
};

it('finds nothing missing on a machine that has everything', async () => {
  expect(await missingOf(fitting)).toEqual([]);
  await expect(requireNodeMachine(fitting)).resolves.toBeUndefined();
});

it('names at once every program that is missing, with its package, and the rights', async () => {
  const absent = ['runc', 'ctr', 'containerd'];
  const machine: Machine = { ...fitting, uid: 1000, hasProgram: async (name) => !absent.includes(name) };
  await expect(requireNodeMachine(machine)).rejects.toThrow(`this machine can't run a cluster:
  - containerd, ctr missing: install containerd (Debian: apt-get install containerd)
  - runc missing: install runc (Debian: apt-get install runc)
  - it takes the rights of root: start as root`);
});

it('says which rights root lacks, as in a container', async () => {
  const machine: Machine = {
    ...fitting,
    tryNetwork: () => Promise.reject(new Error('unshare: unshare failed:\nOperation not permitted')),
    tryCgroups: () => Promise.reject(new Error('EROFS: read-only file system, mkdir')),
  };
  expect(await missingOf(machine)).toEqual([
    'no network namespace with interfaces and packet filter of its own can be made: unshare: unshare failed: Operation not permitted',
    'no cgroups can be made: EROFS: read-only file system, mkdir',
    'in a container, start that one privileged, or use a virtual machine',
  ]);
});

it('says that only Linux will do', async () => {
  expect(await missingOf({ ...fitting, platform: 'darwin' })).toEqual(['Kubernetes runs on Linux only']);
});
