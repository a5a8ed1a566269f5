import { familyMb } from '../bench/processUsage.ts';
import { SYSTEM } from '../generate/knative.ts';
import type { KubernetesApi } from '../kubernetes/cluster/api.ts';
import { startOneMachine } from '../kubernetes/oneMachine/platform.ts';
import { partsAtRest } from '../kubernetes/oneMachine/rest.ts';
import { logStatements } from '../real/postgres/statements.ts';
import { loggedRequests } from './loggedRequests.ts';
import type { PartMemory, RestingSystem, RestingSystemOptions, WakeUps } from './restingSystem.ts';

const MEBI = 2 ** 20;

interface ConfigMaps {
  items: { data?: Record<string, string> }[];
}

/**
 * The system on a cluster of this machine, as its overlay deploys it, with Kafka and Postgres beside it.
 * @throws where other wake-ups are wanted than the overlay has
 */
export async function startKnativeSystem({
  wakeUps: wanted,
  schedules,
  onProgress,
  onActivity,
}: RestingSystemOptions): Promise<RestingSystem> {
  const { api, machine, close } = await startOneMachine({ schedules, onProgress, onActivity });
  try {
    const wakeUps = await deployedWakeUps(api);
    if (wanted && wanted !== wakeUps) {
      throw new Error(`the overlay for one machine was deployed with WAKE_UPS=${wakeUps}, and not with ${wanted}`);
    }
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

/** What the functions on the cluster are told; without being told, jobs wake them. */
async function deployedWakeUps(api: KubernetesApi): Promise<WakeUps> {
  const { items } = await api.get<ConfigMaps>(`/api/v1/namespaces/${SYSTEM}/configmaps`);
  return items.some(({ data }) => data?.WAKE_UPS === 'cron') ? 'cron' : 'jobs';
}
