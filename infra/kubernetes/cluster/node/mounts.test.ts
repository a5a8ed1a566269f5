import { expect, it } from 'vitest';
import { readMounts } from './mounts.ts';

it('finds what is mounted below a folder, innermost first', () => {
  const mounts = [
    'tmpfs /data/kubelet/pods/a tmpfs rw 0 0',
    'overlay /data/kubelet/pods/a/with\\040space overlay rw 0 0',
    'overlay /database overlay rw 0 0',
    'proc /proc proc rw 0 0',
  ].join('\n');
  expect(readMounts(mounts, '/data')).toEqual(['/data/kubelet/pods/a/with space', '/data/kubelet/pods/a']);
});
