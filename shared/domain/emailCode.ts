import * as z from 'zod/mini';

/** Without letters and digits that are taken for each other. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const CODE_LENGTH = 8;

/** Long enough to find the mail, short enough that a mailbox which changes hands later gives nothing away; in ms. */
export const CODE_VALID_MS = 60 * 60 * 1000;
/** Times that one code may be tried: of 2^40, so few are no way to guess it. */
export const CODE_ATTEMPTS = 5;
/** Codes that a user can have sent in a day: enough for a typing error or two, too few to pester a stranger. */
export const CODES_PER_DAY = 5;

/** What a client sends to confirm an address: the code as it was sent, in whatever case. */
export const emailCodeSchema = z.strictObject({
  code: z
    .string()
    .check(
      z.trim(),
      z.toUpperCase(),
      z.regex(
        new RegExp(`^[${ALPHABET}]{${CODE_LENGTH}}$`),
        `Must be the ${CODE_LENGTH} letters and digits of the mail.`,
      ),
    ),
});

/** A code of random bytes, of which it takes one for each letter. */
export function emailCode(bytes: Uint8Array): string {
  const letters = [...bytes.subarray(0, CODE_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  if (letters.length < CODE_LENGTH) throw new RangeError(`a code takes ${CODE_LENGTH} bytes`);
  return letters.join('');
}
