import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFunctions } from '../functions.ts';
import { type Activity, startPlatform } from '../local/platform.ts';
import { localSecrets } from '../local/secrets.ts';
import { readSettings } from '../local/settings.ts';
import { onOwnPlatform } from './ownPlatform.ts';
import { recordActivity } from './record.ts';
import { schedules } from './schedules.ts';
import type { CompleteWorld } from './world.ts';

export interface EmbeddedWorldOptions {
  onProgress?: (step: string) => void;
  onActivity?: (activity: Activity) => void;
  /** Settings of the platform, beside those that keep it to itself. */
  variables?: Readonly<Record<string, string>>;
}

/** A world of its own on the embedded platform: new data, free ports, gone afterwards. */
export async function embeddedWorld({
  variables = {},
  ...report
}: EmbeddedWorldOptions = {}): Promise<CompleteWorld & { close(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-'));
  const record = recordActivity((await loadFunctions()).map(({ name }) => name));
  const published = recordPublished();
  const settings = readSettings({
    ...{ API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: '0' },
    DATA_DIR: dataDir,
    IDLE_SECONDS: '1',
    ...variables,
  });
  const platform = await startPlatform({
    settings,
    schedules,
    onProgress: report.onProgress ?? (() => {}),
    onActivity(activity) {
      record.add(activity);
      published.add(activity);
      report.onActivity?.(activity);
    },
  });
  const { sidecar } = platform;
  if (!sidecar) throw new Error('the embedded platform has no sidecar of its own');
  const { daprApiToken } = await localSecrets(dataDir);

  return {
    ...(await onOwnPlatform(platform, daprApiToken)),
    ...record,
    sidecar,
    publishedTypes: async (taskId) => published.types(taskId),
    async close() {
      await platform.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Types of the events that the sidecar took, in its order, by the task that is their key. */
function recordPublished() {
  const published = new Map<string, string[]>();
  return {
    add(activity: Activity): void {
      if (!('kind' in activity) || activity.kind !== 'published') return;
      const { key = '', eventType = '' } = activity.event;
      published.set(key, [...(published.get(key) ?? []), eventType]);
    },
    types: (taskId: string) => published.get(taskId) ?? [],
  };
}
