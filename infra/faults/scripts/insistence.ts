import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiAnswer, type ApiRequest, type Client, isUncertain } from '../client.ts';
import type { Ledger, Outcome } from '../ledger.ts';

/** Longer than any part needs to come back after a hit. */
const PATIENCE_MS = 180_000;
const WAIT_MS = 500;

/** A client that sends a request again, with the same Idempotency-Key, until it is answered. */
export type Insist = (userId: string, kind: string, request: ApiRequest) => Promise<ApiAnswer | undefined>;

/**
 * Makes a client that takes no answer, a server's error and 409 (the first try is under way, or another writer was
 * faster) for no outcome, and sends again what may have been done. Resolves to nothing when its patience has ended.
 */
export function insistence(client: Pick<Client, 'send'>, ledger: Ledger, waitMs = WAIT_MS): Insist {
  return async (userId, kind, request) => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await client.send(userId, request);
      ledger.count(kind, outcomeOf(answer));
      if (!isUncertain(answer) && answer.status !== 409) return answer;
      if (performance.now() > deadline) return undefined;
      await sleep(waitMs);
    }
  };
}

function outcomeOf(answer: ApiAnswer | undefined): Outcome {
  if (isUncertain(answer)) return 'unknown';
  return answer.status < 300 ? 'acknowledged' : 'refused';
}
