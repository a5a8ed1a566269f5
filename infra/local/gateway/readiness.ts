import { type Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { HEALTH_PATH } from './routing.ts';

/** A refused connection costs a tenth of a millisecond, and every millisecond between two looks is cold start. */
const FIRST_INTERVAL_MS = 5;
/** A process that is still not up after several looks is not worth the same attention. */
const LAST_INTERVAL_MS = 50;
const INTERVAL_GROWTH = 1.1;
/** One look may hang on a process that accepts connections before it can answer. */
const LOOK_TIMEOUT_MS = 1_000;

/**
 * Resolves when `GET /healthz` on the port answers 200, and otherwise looks again until the signal aborts.
 * The connection stays in the agent's pool, so that the first request finds it open.
 */
export async function untilHealthy(port: number, agent: Agent, signal: AbortSignal): Promise<void> {
  for (let interval = FIRST_INTERVAL_MS; !(await isHealthy(port, agent, signal)); ) {
    await delay(interval, undefined, { signal });
    interval = Math.min(interval * INTERVAL_GROWTH, LAST_INTERVAL_MS);
  }
}

function isHealthy(port: number, agent: Agent, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: HEALTH_PATH, agent, signal, timeout: LOOK_TIMEOUT_MS };
    const look = get(options, (response) => {
      response.resume();
      response.once('close', () => resolve(response.complete && response.statusCode === 200));
    });
    look.once('timeout', () => look.destroy());
    look.once('error', () => resolve(false));
  });
}
