import { createHmac, randomBytes } from 'node:crypto';

// Standard Webhooks, version 1: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

/** The specification wants 24 to 64 bytes. */
const SECRET_BYTES = 32;
const SECRET_PREFIX = 'whsec_';

/** A new secret, as a receiver is given it. */
export function newSecret(): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** What is signed, and when. */
export interface SignedMessage {
  /** The same in every attempt. */
  id: string;
  /** Of this attempt. */
  now: Date;
  body: string;
}

/** The headers by which a receiver knows who sent a message, when, and which: signed with each of the secrets. */
export function signatureHeaders(secrets: readonly string[], { id, now, body }: SignedMessage): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
