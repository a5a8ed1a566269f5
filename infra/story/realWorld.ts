import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFunctions } from '../functions.ts';
import { type RealActivity, type RealPlatform, startRealPlatform } from '../real/platform.ts';
import { readRealSettings } from '../real/settings.ts';
import { onOwnPlatform } from './ownPlatform.ts';
import { publishedIn } from './publishedTypes.ts';
import { recordActivity } from './record.ts';
import { schedules } from './schedules.ts';
import type { CompleteWorld } from './world.ts';

/**
 * A world of its own on real Kafka, Postgres and daprd: new data, free ports, gone afterwards. Where it can't be made,
 * its folder stays, with the logs that say why.
 */
export async function realWorld(
  report: { onProgress?: (step: string) => void; onActivity?: (activity: RealActivity) => void } = {},
): Promise<CompleteWorld & { platform: RealPlatform; close(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-real-'));
  const record = recordActivity((await loadFunctions()).map(({ name }) => name));
  const settings = readRealSettings({
    ...{ API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: '0' },
    ...{ KAFKA_PORT: '0', POSTGRES_PORT: '0' },
    DATA_DIR: dataDir,
    IDLE_SECONDS: '1',
  });
  const platform = await startRealPlatform({
    settings,
    schedules,
    onProgress: report.onProgress ?? (() => {}),
    onActivity(activity) {
      record.add(activity);
      report.onActivity?.(activity);
    },
  });
  return {
    ...(await onOwnPlatform(platform, platform.daprApiToken)),
    ...record,
    platform,
    sidecar: platform.daprd,
    publishedTypes: publishedIn(platform.brokers),
    async close() {
      await platform.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
