import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { open, seal } from './secretBox.ts';
import { webhookSecretsKeys } from './settings.ts';

const key = randomBytes(32);
const keys = [key] as const;

test('what was sealed is opened, and is never sealed the same way twice', () => {
  const sealed = seal('whsec_é', keys, 'alice');
  expect(open(sealed, keys, 'alice')).toBe('whsec_é');
  expect(seal('whsec_é', keys, 'alice')).not.toEqual(sealed);
  expect(sealed.includes('whsec')).toBe(false);
});

test('another key, another owner, and a change of any byte are found out', () => {
  const sealed = seal('secret', keys, 'alice');
  expect(() => open(sealed, [randomBytes(32)], 'alice')).toThrow();
  expect(() => open(sealed, keys, 'bob')).toThrow();
  for (let byte = 0; byte < sealed.length; byte += 1) {
    const changed = Buffer.from(sealed);
    changed[byte] = (changed[byte] ?? 0) ^ 1;
    expect(() => open(changed, keys, 'alice')).toThrow();
  }
  expect(() => open(sealed.subarray(0, 20), keys, 'alice')).toThrow();
});

test('while a key is replaced, the new one encrypts and both decrypt', () => {
  const replacing = [randomBytes(32), key] as const;
  expect(open(seal('of before', keys, 'alice'), replacing, 'alice')).toBe('of before');
  const sealed = seal('of now', replacing, 'alice');
  expect(open(sealed, [replacing[0]], 'alice')).toBe('of now');
  expect(() => open(sealed, keys, 'alice')).toThrow();
});

test('a key is 32 bytes in Base64, or several of them with commas, and nothing else', () => {
  const [first, second] = [key.toString('base64'), randomBytes(32).toString('base64')];
  expect(webhookSecretsKeys.parse(first)).toEqual([key]);
  expect(webhookSecretsKeys.parse(`${first},${second}`)).toEqual([key, Buffer.from(second, 'base64')]);
  const short = randomBytes(16).toString('base64');
  for (const wrong of ['', 'secret', short, key.toString('hex'), `${first},`, `,${first}`, `${first},${short}`]) {
    expect(webhookSecretsKeys.safeParse(wrong).success).toBe(false);
  }
});
