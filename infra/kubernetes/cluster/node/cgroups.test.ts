import { expect, it } from 'vitest';
import { hierarchies, readHierarchies } from './cgroups.ts';

const v1 = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids']
  .map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,relatime,${name} 0 0`)
  .join('\n');
const unified = 'cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0';

it('finds the hierarchies of version 1, and leaves a unified one beside them alone', () => {
  expect(readHierarchies(`${v1}\n${unified}`)).toEqual([
    '/sys/fs/cgroup/cpu',
    '/sys/fs/cgroup/cpuacct',
    '/sys/fs/cgroup/cpuset',
    '/sys/fs/cgroup/memory',
    '/sys/fs/cgroup/pids',
  ]);
});

it('names a hierarchy of several controllers once', () => {
  const mounts = v1.replace(/cgroup\/cpu cgroup rw,relatime,cpu\b/, 'cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct');
  expect(readHierarchies(mounts)).toContain('/sys/fs/cgroup/cpu,cpuacct');
});

it('takes the one of version 2', () => {
  expect(readHierarchies('cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\nproc /proc proc rw 0 0')).toEqual(['/sys/fs/cgroup']);
});

it('rejects where controllers are missing', async () => {
  const none = 'no cgroup file system is mounted that has the controllers cpu and memory';
  await expect(hierarchies('proc /proc proc rw 0 0')).rejects.toThrow(none);
  await expect(hierarchies('cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0')).rejects.toThrow(none);
});
