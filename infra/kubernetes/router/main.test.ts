import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { freePort } from '../../local/listen.ts';
import { startProgram } from '../testProgram.ts';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

test('runs as its pod starts it, says in a line what it refuses, and ends in order', async () => {
  const ports = { PORT: String(await freePort()), HEALTH_PORT: String(await freePort()) };
  const routes = { ROUTES_FILE: pathOf('../base/routes.json'), SERVICE_DOMAIN: 'evolution-todo.svc.cluster.local' };
  const { stop, exit, output } = startProgram('router', { ...routes, ...ports });

  const health = () => fetch(`http://127.0.0.1:${ports.HEALTH_PORT}/healthz`);
  await vi.waitFor(async () => expect((await health()).status).toBe(200), { timeout: 20_000, interval: 100 });
  const response = await fetch(`http://127.0.0.1:${ports.PORT}/events/unknown`, { method: 'POST', body: 'secret' });
  expect(response.status).toBe(503);
  await vi.waitFor(() => expect(output()).toContain('"path":"/events/unknown","status":503'));
  expect(output()).not.toContain('secret');

  stop();
  expect(await exit).toEqual([0, null]);
});

test('names what it was not told, and ends', async () => {
  const { exit, output } = startProgram('router', { ROUTES_FILE: pathOf('../base/routes.json'), PORT: '0' });
  expect(await exit).toEqual([1, null]);
  expect(output()).toMatch(/cannot-start.*SERVICE_DOMAIN.*HEALTH_PORT/);
});
