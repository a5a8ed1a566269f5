import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveryPolicy } from '../resources/resiliency.ts';

/** What is tried, and by which policy. */
export interface RetryOptions {
  policy: DeliveryPolicy;
  /** Ends the waiting between tries; what is thrown then is its reason. */
  stopping: AbortSignal;
  /** One try; resolves with why it failed, or with nothing. */
  attempt: () => Promise<string | undefined>;
  onRetry: (reason: string, inMs: number) => void;
}

/**
 * Tries until it succeeds or the policy has no further try.
 * @returns why the last try failed, or nothing
 * @throws when stopping after a try that failed: then it is neither done nor failed
 */
export async function withRetries({ policy, stopping, attempt, onRetry }: RetryOptions): Promise<string | undefined> {
  const backOff = policy.backOff?.();
  for (;;) {
    const reason = await attempt();
    if (reason === undefined) return undefined;
    stopping.throwIfAborted();
    const inMs = backOff?.();
    if (inMs === undefined) return reason;
    onRetry(reason, inMs);
    await delay(inMs, undefined, { signal: stopping });
  }
}
