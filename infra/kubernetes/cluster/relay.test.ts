import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { freePort, listen } from '../../local/listen.ts';
import { type Relay, relayToLoopback } from './relay.ts';

/** Linux takes every address of this network as loopback. */
const ADDRESS = '127.0.0.2';

let relay: Relay | undefined;
afterEach(() => relay?.close());

it.runIf(process.platform === 'linux')('leads to what listens on loopback', async () => {
  const part = await listen(
    createServer((request, response) => request.pipe(response)),
    0,
  );
  relay = await relayToLoopback(part.port, ADDRESS);
  const body = 'x'.repeat(1_000_000);
  const response = await fetch(`http://${ADDRESS}:${relay.port}`, { method: 'POST', body });
  expect(await response.text()).toBe(body);
  await part.close();
});

it.runIf(process.platform === 'linux')('closes the connection where nothing listens, and goes on', async () => {
  relay = await relayToLoopback(await freePort(), ADDRESS);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(fetch(`http://${ADDRESS}:${relay.port}`)).rejects.toThrow('fetch failed');
  }
});
