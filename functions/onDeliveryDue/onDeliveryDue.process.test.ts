import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bundlePath } from '../../infra/bundle/bundle.ts';
import { requireBundles } from '../../infra/bundle/bundleAll.ts';
import { freePort } from '../../infra/local/listen.ts';
import { channelsOf } from '../../infra/testing/channels.ts';
import { type Receiver, startReceiver } from '../../infra/testing/receiver.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { toCloudEvent } from '../../shared/events/event.ts';

let platform: TestPlatform;
let receiver: Receiver;
beforeAll(async () => {
  await requireBundles(['onDeliveryDue']);
  platform = await testPlatform();
  receiver = await startReceiver();
}, 120_000);
afterAll(async () => {
  await receiver.close();
  await platform.close();
});

test('a process that is told to stop while it sends stops when that is done and recorded', {
  timeout: 60_000,
}, async () => {
  const waiting: ServerResponse[] = [];
  receiver.answer = (response) => void waiting.push(response);
  platform.now = new Date();
  const channels = channelsOf(platform);
  await channels.createWebhook({ url: receiver.url });
  await channels.remind();
  const [due] = channels.taken('delivery.due');
  if (!due) throw new Error('no delivery is due');

  const port = String(await freePort());
  const child = spawn(process.execPath, [bundlePath('onDeliveryDue')], {
    stdio: 'ignore',
    env: {
      PORT: port,
      DATABASE_URL: platform.database.url,
      DATABASE_FETCH_ENDPOINT: platform.database.fetchEndpoint,
      APP_API_TOKEN: 'app-token',
      DAPR_HTTP_ENDPOINT: 'http://127.0.0.1:9',
      DAPR_API_TOKEN: 'token',
      WEBHOOK_SECRETS_KEY: platform.signing.secrets.webhookSecretsKey,
      WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'true',
    },
  });
  const exited = once(child, 'exit');
  try {
    const url = `http://127.0.0.1:${port}`;
    await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).status).toBe(200), 30_000);
    const headers = { 'content-type': 'application/cloudevents+json', 'dapr-api-token': 'app-token' };
    const body = JSON.stringify(toCloudEvent(due, { source: '/test' }));
    const answer = await fetch(`${url}/events/delivery-due`, { method: 'POST', headers, body });
    expect(await answer.json()).toEqual({ status: 'SUCCESS' });
    await vi.waitFor(() => expect(waiting).toHaveLength(1), 10_000);

    child.kill('SIGTERM');
    const early = await Promise.race([
      exited.then(() => 'exited'),
      new Promise((resolve) => setTimeout(resolve, 1_000)),
    ]);
    expect(early).toBeUndefined();
    waiting[0]?.writeHead(204).end();
    expect(await exited).toEqual([0, null]);
    expect(await channels.deliveries()).toMatchObject([{ status: 'delivered', attempts: 1 }]);
  } finally {
    child.kill('SIGKILL');
  }
});
