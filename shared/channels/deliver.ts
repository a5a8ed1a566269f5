import { nextAttempt } from '../domain/delivery.ts';
import { limiter } from '../runtime/concurrency.ts';
import type { Context, Later } from '../runtime/defineFunction.ts';
import { putOff } from '../store/deliveries.ts';
import {
  type ClaimedDelivery,
  claimDelivery,
  recordDelivered,
  recordFailure,
  toClaimed,
  type Which,
} from '../store/deliveryAttempts.ts';
import { toWritten } from '../store/outbox.ts';
import type { Attempt } from './attempt.ts';

/** Sends that are under way at once in one process: each is a connection that mostly waits. */
const UNDER_WAY = 64;
/** Deliveries that wait for their turn: some minutes of work, and not much memory. What is beyond is left to the sweep. */
const WAITING = 1_000;

const turns = limiter(UNDER_WAY);

/** Whether this process can take on another delivery. */
export function hasRoom(): boolean {
  return turns.waiting() < WAITING;
}

/** Sends a claimed delivery by its channel. */
export type Send = (delivery: ClaimedDelivery) => Promise<Attempt>;

/**
 * Claims a delivery, sends it, and records what came of it; then, as long as there is any, the next that is due to the
 * same target, each in its turn among all that this process has to send. What is due is in the database: one that is not
 * begun before the process is to stop is put off, and what a dead process leaves is brought up by whoever is woken next.
 */
export async function deliver(
  userId: string,
  id: string,
  { send, context, later }: { send: Send; context: Context; later: Later },
): Promise<void> {
  let next: Which | undefined = { id };
  while (next) {
    const which: Which = next;
    next = await turns.run(async () => (later.stopping.aborted ? leave(which) : sendNext(userId, which)));
  }

  async function leave(which: Which): Promise<undefined> {
    if (!('id' in which)) return;
    const { sql, run, wakeUp } = context;
    const { heldUntil } = toWritten((await run(putOff(sql, userId, which.id, later.clock()))).flat());
    if (heldUntil) await wakeUp({ due: heldUntil });
  }

  async function sendNext(userId: string, which: Which): Promise<Which | undefined> {
    const { sql, run, measure } = context;
    const claim = toClaimed(await run(claimDelivery(sql, userId, which, later.clock())));
    if (!claim) return undefined;
    const { delivery, endedAs } = claim;
    const { channel, target } = delivery;
    const outcome = endedAs ?? (await attempt(userId, delivery));
    measure('evolution_todo.deliveries', 1, { channel, outcome });
    return { channel, target };
  }

  async function attempt(userId: string, delivery: ClaimedDelivery): Promise<string> {
    const { sql, run, log } = context;
    const started = performance.now();
    const sent = await send(delivery);
    const now = later.clock();
    const { responseStatus } = sent;
    const fields = { delivery: delivery.id, channel: delivery.channel, attempt: delivery.attempts, responseStatus };
    const told = { ...fields, ms: Math.round(performance.now() - started) };
    if (sent.outcome === 'taken') {
      await run(...recordDelivered(sql, userId, delivery, { responseStatus, now }));
      log('info', { outcome: 'delivered', ...told });
      return 'delivered';
    }
    const again = sent.outcome === 'failed' ? nextAttempt(delivery.attempts, now, Math.random()) : null;
    const failure = { error: sent.error, responseStatus, again, gone: sent.outcome === 'gone' };
    await run(...recordFailure(sql, userId, delivery, { failure, now }));
    log('warn', { outcome: 'undelivered', ...told, reason: sent.error, error: sent.cause });
    if (again) await context.wakeUp();
    return again ? 'retrying' : 'failed';
  }
}
