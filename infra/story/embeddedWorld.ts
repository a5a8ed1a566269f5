import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PUBSUB_NAME } from '../../shared/events/catalogue.ts';
import { loadFunctions } from '../functions.ts';
import { type Activity, startPlatform } from '../local/platform.ts';
import { localSecrets } from '../local/secrets.ts';
import { readSettings } from '../local/settings.ts';
import type { World } from './world.ts';

/** Seconds, where the deployed system has minutes and hours: the story is not to wait for the full hour. */
const schedules = {
  'reminder-scheduler': '*/4 * * * * *',
  'outbox-scheduler': '*/5 * * * * *',
  'recurring-scheduler': '*/6 * * * * *',
};

/** A world of its own on the embedded platform: new data, free ports, gone afterwards. */
export async function embeddedWorld(
  report: { onProgress?: (step: string) => void; onActivity?: (activity: Activity) => void } = {},
): Promise<World & { close(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-'));
  const record = recordActivity();
  const settings = readSettings({
    ...{ API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: '0' },
    DATA_DIR: dataDir,
    IDLE_SECONDS: '1',
  });
  const platform = await startPlatform({
    settings,
    schedules,
    onProgress: report.onProgress ?? (() => {}),
    onActivity(activity) {
      record.add(activity);
      report.onActivity?.(activity);
    },
  });
  const { sidecar } = platform;
  if (!sidecar) throw new Error('the embedded platform has no sidecar of its own');
  const { daprApiToken } = await localSecrets(dataDir);

  return {
    ...record,
    apiUrl: platform.apiUrl,
    token: platform.token,
    sidecar,
    functionNames: (await loadFunctions()).map(({ name }) => name),
    async publish(topic, event, key) {
      const url = `${platform.daprUrl}/v1.0/publish/${PUBSUB_NAME}/${topic}?metadata.partitionKey=${key}`;
      const headers = { 'content-type': 'application/cloudevents+json', 'dapr-api-token': daprApiToken };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event) });
      if (response.status !== 204) throw new Error(`publishing answered ${response.status}: ${await response.text()}`);
    },
    async eventIdsOf(topic) {
      const messages = await sidecar.messages(topic);
      return messages.map(({ payload }) => (JSON.parse(payload.toString()) as { id: string }).id);
    },
    async close() {
      await platform.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Keeps what the chapters ask about of all that happens. */
function recordActivity() {
  const deliveries = new Map<string, number>();
  const published = new Map<string, string[]>();
  const woken = new Set<string>();
  const slept = new Set<string>();

  return {
    add(activity: Activity): void {
      if ('type' in activity) {
        if (activity.type === 'woke') woken.add(activity.function);
        if (activity.type === 'slept' && woken.has(activity.function)) slept.add(activity.function);
        return;
      }
      if (activity.kind === 'published') {
        const { key = '', eventType = '' } = activity.event;
        published.set(key, [...(published.get(key) ?? []), eventType]);
      }
      if (activity.kind === 'delivered') {
        const { eventId = '' } = activity.event;
        deliveries.set(eventId, (deliveries.get(eventId) ?? 0) + 1);
      }
    },
    deliveries: (eventId: string) => deliveries.get(eventId) ?? 0,
    publishedTypes: (taskId: string) => published.get(taskId) ?? [],
    wokenAndSlept: () => slept,
  };
}
