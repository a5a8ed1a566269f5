import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
/** As NIST SP 800-38D advises, section 8.2.2: at random, which is safe for 2^32 messages under one key. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Keys of 32 bytes. The first one encrypts; the others decrypt what was encrypted before it came. */
export type Keys = readonly [Buffer, ...Buffer[]];

/**
 * Encrypts a secret for the database. `owner` says what it belongs to: put into another row, it can't be decrypted. The
 * result is the initialisation vector, the tag and the ciphertext.
 */
export function seal(secret: string, [key]: Keys, owner: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(owner));
  const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}

/** Decrypts what `seal` made. Throws where it was made with none of the keys, for another owner, or changed since. */
export function open(sealed: Buffer, [key, before, ...others]: Keys, owner: string): string {
  try {
    return openWith(key, sealed, owner);
  } catch (error) {
    if (!before) throw error;
    return open(sealed, [before, ...others], owner);
  }
}

function openWith(key: Buffer, sealed: Buffer, owner: string): string {
  const iv = sealed.subarray(0, IV_BYTES);
  const tag = sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(owner))
    .setAuthTag(tag);
  return decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}
