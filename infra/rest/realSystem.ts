import { join } from 'node:path';
import { familyMb } from '../bench/processUsage.ts';
import { startCore } from '../faults/core.ts';
import { lastingPorts } from '../faults/ports.ts';
import { createOrphanReaper } from '../local/gateway/orphanReaper.ts';
import { startRealPlatform } from '../real/platform.ts';
import { logStatements } from '../real/postgres/statements.ts';
import type { Part } from '../real/process/part.ts';
import { type Closer, startTogether } from '../real/process/together.ts';
import { readRealSettings } from '../real/settings.ts';
import { dataFolder } from './dataFolder.ts';
import { loggedRequests } from './loggedRequests.ts';
import type { RestingSystem, RestingSystemOptions } from './restingSystem.ts';

const PORTS = ['API_PORT', 'APP_PORT', 'DAPR_HTTP_PORT', 'DATABASE_PORT', 'ISSUER_PORT', 'KAFKA_PORT', 'POSTGRES_PORT'];

/** Kafka, Postgres, daprd and its scheduler themselves, and in a process of their own gateway, bridge and issuer. */
export function startRealSystem(options: RestingSystemOptions): Promise<RestingSystem> {
  return startTogether((closers) => startAll(options, closers));
}

async function startAll(
  { wakeUps = 'jobs', schedules, idleSeconds, onProgress, onActivity }: RestingSystemOptions,
  closers: Closer[],
): Promise<Omit<RestingSystem, 'close'>> {
  const dataDir = join(await dataFolder(closers), 'data');
  const settings = readRealSettings({
    ...(await lastingPorts(PORTS)),
    DATA_DIR: dataDir,
    WAKE_UPS: wakeUps,
    ...(idleSeconds && { IDLE_SECONDS: String(idleSeconds) }),
  });
  const reaper = createOrphanReaper();
  closers.push(reaper.close);
  let core: Part | undefined;
  const platform = await startRealPlatform({
    ...{ settings, onProgress, onActivity },
    ...(schedules && { schedules }),
    async startLocal(local) {
      const logFile = join(dataDir, 'logs', 'platform.log');
      const started = await startCore({ settings: local.settings, logFile, reaper, onActivity, onPart: onActivity });
      core = started.core;
      return started.platform;
    },
  });
  closers.push(platform.close);
  const { kafka, daprd, scheduler, postgres } = platform;
  if (!postgres) throw new Error('a Postgres server of its own is needed, whose log tells what it is asked for');
  await logStatements(postgres.superuserUrl);

  const parts: [name: string, part: Part | undefined, isDatabase: boolean][] = [
    ['Kafka', kafka, false],
    ['daprd', daprd, false],
    ["daprd's scheduler", scheduler, false],
    ['Postgres', postgres, true],
    ['gateway, bridge and issuer', core, false],
  ];
  return {
    wakeUps,
    databaseRequests: (window) => loggedRequests(join(dataDir, 'logs', 'postgres.log'), window),
    memory: () =>
      Promise.all(
        parts.map(async ([name, part, isDatabase]) => ({ part: name, mb: await familyMb(part?.pid()), isDatabase })),
      ),
  };
}
