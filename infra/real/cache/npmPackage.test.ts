import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { assertIntegrity } from './npmPackage.ts';

it('takes a package only if it is the one that was pinned', () => {
  const pinned = `sha512-${createHash('sha512').update('content').digest('base64')}`;
  expect(() => assertIntegrity(Buffer.from('content'), pinned, 'leaf@1')).not.toThrow();
  expect(() => assertIntegrity(Buffer.from('other'), pinned, 'leaf@1')).toThrow('leaf@1 is not what was pinned');
});
