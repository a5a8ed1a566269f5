import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { open, seal } from './secretBox.ts';
import { webhookSecretsKey } from './settings.ts';

const key = randomBytes(32);

test('what was sealed is opened, and is never sealed the same way twice', () => {
  const sealed = seal('whsec_é', key, 'alice');
  expect(open(sealed, key, 'alice')).toBe('whsec_é');
  expect(seal('whsec_é', key, 'alice')).not.toEqual(sealed);
  expect(sealed.includes('whsec')).toBe(false);
});

test('another key, another owner, and a change of any byte are found out', () => {
  const sealed = seal('secret', key, 'alice');
  expect(() => open(sealed, randomBytes(32), 'alice')).toThrow();
  expect(() => open(sealed, key, 'bob')).toThrow();
  for (let byte = 0; byte < sealed.length; byte += 1) {
    const changed = Buffer.from(sealed);
    changed[byte] = (changed[byte] ?? 0) ^ 1;
    expect(() => open(changed, key, 'alice')).toThrow();
  }
  expect(() => open(sealed.subarray(0, 20), key, 'alice')).toThrow();
});

test('a key is 32 bytes in Base64, and nothing else', () => {
  expect(webhookSecretsKey.parse(key.toString('base64'))).toEqual(key);
  for (const wrong of ['', 'secret', randomBytes(16).toString('base64'), key.toString('hex')]) {
    expect(webhookSecretsKey.safeParse(wrong).success).toBe(false);
  }
});
