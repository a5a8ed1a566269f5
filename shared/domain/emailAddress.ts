import * as z from 'zod/mini';

/** RFC 5321, 4.5.3.1: a path has at most 256 octets, two of them its brackets. */
const MAX_LENGTH = 254;
/** RFC 5321, 4.5.3.1.1. */
const MAX_LOCAL_PART = 64;

/**
 * Letters, digits and the few signs that providers give out, around one `@`; the domain has a dot and is in ASCII
 * (`xn--…`). Narrower than RFC 5321 on purpose: Dapr's SMTP binding parts recipients at a `;`, reads names and comments,
 * and mangles what is not ASCII.
 */
const SHAPE =
  /^[a-z0-9_+~-]+(?:[.'][a-z0-9_+~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** The address of one mailbox, and nothing around it. */
export const emailAddress = z.string().check(
  z.maxLength(MAX_LENGTH, `Must have at most ${MAX_LENGTH} characters.`),
  z.regex(SHAPE, 'Must be the e-mail address of one person, such as alice@example.com.'),
  z.refine(
    (address) => address.indexOf('@') <= MAX_LOCAL_PART,
    `Must have at most ${MAX_LOCAL_PART} characters before the @.`,
  ),
);
