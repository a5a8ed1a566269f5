import * as z from 'zod';

const KEY_BYTES = 32;

const secretsKey = z
  .base64('must be Base64')
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((key) => key.length === KEY_BYTES, `must be ${KEY_BYTES} bytes in Base64`);

/**
 * What webhooks' secrets are encrypted with in the database: 32 bytes in Base64, as `openssl rand -base64 32` gives them.
 * While a key is replaced, the new one and behind a comma the one before.
 */
export const webhookSecretsKeys = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.tuple([secretsKey], secretsKey))
  .meta({ secret: true });

/** Lets webhooks go to http:// and to private addresses, for receivers on one's own machine: never in a cluster. */
export const allowPrivateAddresses = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');
