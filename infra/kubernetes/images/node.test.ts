import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { sharedLibraries } from './node.ts';
import { assertIntegrity } from './nodePackage.ts';

it('takes the libraries with a file of their own, the loader too', () => {
  const listed = `\tlinux-vdso.so.1 (0x00007ffb717c7000)
\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007ffb717b1000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007ffb717c9000)
`;
  expect(sharedLibraries(listed)).toEqual(['/lib/x86_64-linux-gnu/libdl.so.2', '/lib64/ld-linux-x86-64.so.2']);
  expect(() => sharedLibraries('\tlibfoo.so.1 => not found\n')).toThrow("Node's shared library libfoo.so.1 is missing");
});

it('takes a package only if it is the one that was pinned', () => {
  const pinned = `sha512-${createHash('sha512').update('content').digest('base64')}`;
  expect(() => assertIntegrity(Buffer.from('content'), pinned, 'leaf@1')).not.toThrow();
  expect(() => assertIntegrity(Buffer.from('other'), pinned, 'leaf@1')).toThrow('leaf@1 is not what was pinned');
});
