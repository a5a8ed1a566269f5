import { invalid } from '../domain/errors.ts';
import type { ClaimedDelivery } from '../store/deliveryAttempts.ts';
import type { Attempt } from './attempt.ts';
import { PostError, type PostOptions, post } from './post.ts';
import { isPublicAddress, literalAddress } from './publicAddress.ts';
import { type Keys, open } from './secretBox.ts';
import { signatureHeaders } from './standardWebhooks.ts';

export interface WebhookOptions extends Pick<PostOptions, 'allowPrivate' | 'limits' | 'resolve'> {
  /** That the secrets are encrypted with. */
  keys: Keys;
  now: Date;
}

/** What an encrypted secret of a webhook belongs to: see `seal`. */
export function secretOwner(userId: string, webhookId: string): string {
  return JSON.stringify([userId, webhookId]);
}

/** Sends a delivery to its webhook, signed as Standard Webhooks has it. Always resolves, within the limits of time. */
export async function sendWebhook(
  userId: string,
  delivery: ClaimedDelivery,
  { keys, now, ...options }: WebhookOptions,
): Promise<Attempt> {
  const { url, secrets } = delivery.webhook ?? {};
  if (!url || !secrets) throw new Error(`delivery ${delivery.id} has no webhook`);
  const owner = secretOwner(userId, delivery.target);
  const body = payloadOf(delivery);
  try {
    const opened = secrets.map((secret) => open(secret, keys, owner));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'evolution-todo',
      ...signatureHeaders(opened, { id: delivery.id, now, body }),
    };
    const status = await post(new URL(url), { ...options, headers, body });
    if (status >= 200 && status < 300) return { outcome: 'taken', responseStatus: status };
    return { outcome: status === GONE ? 'gone' : 'failed', responseStatus: status, error: describeStatus(status) };
  } catch (error) {
    if (error instanceof PostError) return { outcome: 'failed', responseStatus: null, error: error.message };
    // The keys are others than when the webhook was made; a new secret for it helps.
    return { outcome: 'failed', responseStatus: null, error: 'Its secret cannot be read: rotate it.', cause: error };
  }
}

const GONE = 410;

function describeStatus(status: number): string {
  if (status >= 300 && status < 400) return `It answered ${status}: redirects are not followed.`;
  return `It answered ${status}.`;
}

/** As the specification advises: what happened, when, and what the event says of it. */
function payloadOf({ kind, occurredAt, taskId, message, data }: ClaimedDelivery): string {
  return JSON.stringify({
    type: kind,
    timestamp: occurredAt.toISOString(),
    data: { task_id: taskId, message, ...data },
  });
}

/**
 * Throws `invalid` for a webhook's URL that nothing will ever be sent to: not https://, or a host that is an address of no
 * public one. Where a name leads is looked at each time that something is sent.
 */
export function requireReachable(address: string, allowPrivate: boolean): void {
  if (allowPrivate) return;
  const url = new URL(address);
  const literal = literalAddress(url);
  if (url.protocol !== 'https:') throw invalid({ pointer: '/url', detail: 'Must be an https:// URL.' });
  if (literal !== undefined && !isPublicAddress(literal)) {
    throw invalid({ pointer: '/url', detail: 'Must be on the public internet.' });
  }
}
