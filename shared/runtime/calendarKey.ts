import { createHash, randomBytes } from 'node:crypto';

/** As many bits as the hash has that it is found by. */
const KEY_BYTES = 32;

/** A new key, which nobody can guess, in the letters of a URL. */
export function newCalendarKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

/** What of a key is stored and looked up. It needs no salt: a random key is in no list of guesses. */
export function hashOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
