import * as z from 'zod/mini';

const KEY_BYTES = 32;

const secretsKey = z
  .pipe(
    z.base64('must be Base64'),
    z.transform((text) => Buffer.from(text, 'base64')),
  )
  .check(z.refine((key) => key.length === KEY_BYTES, `must be ${KEY_BYTES} bytes in Base64`));

/**
 * What webhooks' secrets are encrypted with in the database: 32 bytes in Base64, as `openssl rand -base64 32` gives them.
 * While a key is replaced, the new one and behind a comma the one before.
 */
export const webhookSecretsKeys = z
  .pipe(
    z.pipe(
      z.string(),
      z.transform((text) => text.split(',')),
    ),
    z.tuple([secretsKey], secretsKey),
  )
  .register(z.globalRegistry, { secret: true });

/**
 * Lets webhooks go to http:// and to private addresses, for receivers on one's own machine: never where others than
 * oneself can make webhooks.
 */
export const allowPrivateAddresses = z.pipe(
  z._default(z.enum(['true', 'false']), 'false'),
  z.transform((text) => text === 'true'),
);
