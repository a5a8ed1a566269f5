import { type Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** A refused connection costs a tenth of a millisecond, and every millisecond between two looks is cold start. */
const FIRST_INTERVAL_MS = 5;
/** A process that is still not up after several looks is not worth the same attention. */
const LAST_INTERVAL_MS = 50;
const INTERVAL_GROWTH = 1.1;
/** One look may hang on a process that accepts connections before it can answer. */
const LOOK_TIMEOUT_MS = 1_000;

/** Where a process tells of its health, and for how long. */
export interface Look {
  readonly port: number;
  readonly path: string;
  /** Whose connection it uses; false, one of its own. */
  readonly agent: Agent | false;
  /** Gives the look up. */
  readonly signal: AbortSignal;
}

/**
 * Resolves when a GET on the path answers 200, and otherwise looks again until the signal aborts.
 * The connection stays in the agent's pool, so that the first request finds it open.
 */
export async function untilHealthy(look: Look): Promise<void> {
  for (let interval = FIRST_INTERVAL_MS; !(await isHealthy(look)); ) {
    await delay(interval, undefined, { signal: look.signal });
    interval = Math.min(interval * INTERVAL_GROWTH, LAST_INTERVAL_MS);
  }
}

/** Whether a GET on the path answers 200, within a second. */
export function isHealthy({ port, path, agent, signal }: Look): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path, agent, signal, timeout: LOOK_TIMEOUT_MS };
    const look = get(options, (response) => {
      response.resume();
      response.once('close', () => resolve(response.complete && response.statusCode === 200));
    });
    look.once('timeout', () => look.destroy());
    look.once('error', () => resolve(false));
  });
}
