import { join } from 'node:path';
import { familyMb } from '../bench/processUsage.ts';
import { startCore } from '../faults/core.ts';
import { lastingPorts } from '../faults/ports.ts';
import { createOrphanReaper } from '../local/gateway/orphanReaper.ts';
import { readSettings } from '../local/settings.ts';
import { type Closer, startTogether } from '../real/process/together.ts';
import { dataFolder } from './dataFolder.ts';
import type { DatabaseRequest, RestingSystem, RestingSystemOptions } from './restingSystem.ts';

const PORTS = ['API_PORT', 'APP_PORT', 'DAPR_HTTP_PORT', 'DATABASE_PORT', 'ISSUER_PORT'];

/** The embedded platform in a process of its own, so that its memory can be told. */
export function startEmbeddedSystem(options: RestingSystemOptions): Promise<RestingSystem> {
  return startTogether((closers) => startAll(options, closers));
}

async function startAll(
  { wakeUps = 'jobs', schedules = {}, idleSeconds, onProgress, onActivity }: RestingSystemOptions,
  closers: Closer[],
): Promise<Omit<RestingSystem, 'close'>> {
  const folder = await dataFolder(closers);
  const settings = readSettings({
    ...(await lastingPorts(PORTS)),
    DATA_DIR: join(folder, 'data'),
    WAKE_UPS: wakeUps,
    ...(idleSeconds && { IDLE_SECONDS: String(idleSeconds) }),
  });
  const reaper = createOrphanReaper();
  closers.push(reaper.close);
  const requests: DatabaseRequest[] = [];
  onProgress('starting the embedded platform');
  const { core } = await startCore({
    ...{ settings, schedules, reaper },
    logFile: join(folder, 'platform.log'),
    onPart: onActivity,
    onActivity(activity) {
      if ('kind' in activity && activity.kind === 'queried') requests.push({ at: Date.now(), by: activity.by });
      onActivity(activity);
    },
  });
  closers.push(core.stop);
  return {
    wakeUps,
    databaseRequests: async ({ from, to }) => requests.filter(({ at }) => at >= from && at < to),
    memory: async () => [{ part: 'all of it, one process', mb: await familyMb(core.pid()), isDatabase: false }],
  };
}
