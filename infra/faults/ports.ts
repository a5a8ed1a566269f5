import { randomInt } from 'node:crypto';
import { createServer } from 'node:http';
import { type Listening, listen } from '../local/listen.ts';

/** Below the ports that systems give to outgoing connections, one of which could take it while its owner is down. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 100;

/** A free port of loopback for each name, as a setting; they stay free while nobody asks for them by number. */
export async function lastingPorts(names: readonly string[]): Promise<Record<string, string>> {
  const taken: [string, Listening][] = [];
  try {
    for (const name of names) taken.push([name, await listenSomewhere()]);
    return Object.fromEntries(taken.map(([name, { port }]) => [name, String(port)]));
  } finally {
    for (const [, listening] of taken) await listening.close();
  }
}

async function listenSomewhere(): Promise<Listening> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const listening = await listen(createServer(), randomInt(LOWEST, HIGHEST)).catch(() => undefined);
    if (listening) return listening;
  }
  throw new Error(`no free port was found between ${LOWEST} and ${HIGHEST}`);
}
