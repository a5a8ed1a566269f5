import { familyMb } from '../bench/processUsage.ts';
import { loadFunctions, schedulesWithoutJobs } from '../functions.ts';
import { startOneMachine } from '../kubernetes/oneMachine/platform.ts';
import { partsAtRest } from '../kubernetes/oneMachine/rest.ts';
import { logStatements } from '../real/postgres/statements.ts';
import { loggedRequests } from './loggedRequests.ts';
import type { PartMemory, RestingSystem, RestingSystemOptions } from './restingSystem.ts';

const MEBI = 2 ** 20;

/**
 * The system on a cluster of this machine, as its overlay deploys it, with Kafka and Postgres beside it. With crons alone,
 * the scheduler that the overlay has is there all the same, with nothing to do.
 */
export async function startKnativeSystem({
  wakeUps = 'jobs',
  schedules,
  onProgress,
  onActivity,
}: RestingSystemOptions): Promise<RestingSystem> {
  const { api, machine, close } = await startOneMachine({
    schedules: { ...(wakeUps === 'cron' && schedulesWithoutJobs(await loadFunctions())), ...schedules },
    settings: { WAKE_UPS: wakeUps },
    onProgress,
    onActivity,
  });
  try {
    const { postgres, kafka, postgresLog } = machine;
    await logStatements(postgres.superuserUrl);
    return {
      wakeUps,
      databaseRequests: (window) => loggedRequests(postgresLog, window),
      async memory() {
        const inCluster = await partsAtRest(api);
        const own: PartMemory[] = inCluster.map(({ part, bytes }) => {
          return { part, mb: bytes / MEBI, isDatabase: part === 'postgres-bridge' };
        });
        return [
          ...own,
          { part: 'Kafka', mb: await familyMb(kafka.pid()), isDatabase: false },
          { part: 'Postgres', mb: await familyMb(postgres.pid()), isDatabase: true },
        ];
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
