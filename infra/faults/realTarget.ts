import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue, deadLetterTopic, eventTypes } from '../../shared/events/catalogue.ts';
import { APP_ID } from '../generate/dapr.ts';
import { createOrphanReaper } from '../local/gateway/orphanReaper.ts';
import type { Platform, PlatformOptions } from '../local/platform.ts';
import { openServer } from '../local/postgres/server.ts';
import { withAdmin } from '../real/kafka/client.ts';
import { readTopics } from '../real/kafka/messages.ts';
import { schedulerFolder, startRealPlatform } from '../real/platform.ts';
import type { Part } from '../real/process/part.ts';
import { readRealSettings } from '../real/settings.ts';
import { publishThrough } from '../story/publish.ts';
import { startCore } from './core.ts';
import { functionPids } from './functionProcesses.ts';
import { lastingPorts } from './ports.ts';
import { familyOf, processTable } from './processes.ts';
import { schedules } from './schedules.ts';
import { sqlOf } from './sql.ts';
import { eventIdOf, IDLE_SECONDS, type Target, type TargetOptions } from './target.ts';

/** What the checks and the wait for quiet need at once, and no more: the system has the rest. */
const CONNECTIONS = 2;

const PORTS = ['API_PORT', 'APP_PORT', 'DAPR_HTTP_PORT', 'DATABASE_PORT', 'ISSUER_PORT', 'KAFKA_PORT', 'POSTGRES_PORT'];

/** Kafka, Postgres, daprd, and a process with gateway, bridge and issuer: each can be hit alone. */
export async function realTarget({ onProgress, onActivity }: TargetOptions): Promise<Target> {
  const dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-faults-'));
  const settings = readRealSettings({
    ...(await lastingPorts(PORTS)),
    DATA_DIR: dataDir,
    IDLE_SECONDS: String(IDLE_SECONDS),
  });
  const reaper = createOrphanReaper();
  let core: Part | undefined;

  /** The local platform in a process of its own, in place of one in this process. */
  async function startLocal({ settings }: PlatformOptions): Promise<Platform> {
    const logFile = join(dataDir, 'logs', 'platform.log');
    const started = await startCore({ settings, logFile, reaper, onActivity, onPart: onActivity });
    core = started.core;
    return started.platform;
  }

  const platform = await startRealPlatform({ settings, schedules, startLocal, onProgress, onActivity });
  const { kafka, daprd, scheduler, postgres, brokers } = platform;
  if (!postgres) throw new Error('the run needs a Postgres server of its own');
  const engine = await openServer(postgres.url, { maxConnections: CONNECTIONS });
  const parts: Record<string, Part | undefined> = { kafka, daprd, scheduler, postgres, platform: core };
  const eventTopics = eventTypes.map((type) => catalogue[type].topic);
  const deadTopics = eventTopics.map(deadLetterTopic);

  async function deadLetters(): Promise<Set<string>> {
    const ids = (await readTopics(brokers, deadTopics)).map(({ value }) => eventIdOf(value));
    return new Set(ids.filter((id) => id !== undefined));
  }

  return {
    dataDir,
    apiUrl: platform.apiUrl,
    token: platform.token,
    publish: publishThrough(platform.daprUrl, platform.daprApiToken),
    sql: sqlOf(engine),
    async pids(part) {
      if (part === 'function') return functionPids(core?.pid());
      const pid = parts[part]?.pid();
      if (pid === undefined) return [];
      // A server of several processes stands still only when all of them do; functions are parts of their own.
      return part === 'postgres' ? familyOf(pid, await processTable()) : [pid];
    },
    toggleSidecar() {},
    async emptyScheduler() {
      await scheduler.stop();
      const folder = schedulerFolder(dataDir);
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
      await scheduler.start();
    },
    lag: () => lagOf(brokers),
    deadLetters,
    async halt() {
      await core?.stop();
      await daprd.stop();
      const messages = await readTopics(brokers, eventTopics);
      return {
        sql: sqlOf(engine),
        events: messages.flatMap(({ value, topic, timestamp }) => {
          const id = eventIdOf(value);
          return id ? [{ id, topic, rank: timestamp }] : [];
        }),
        eventsAreComplete: true,
        deadLetters: await deadLetters(),
      };
    },
    async close(keepData) {
      await engine.close();
      await platform.close();
      await reaper.close();
      if (!keepData) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Messages that the system's consumer group has not committed yet, in the topics that it has ever consumed. */
function lagOf(brokers: string): Promise<number> {
  return withAdmin(brokers, async (admin) => {
    const consumed = await admin.fetchOffsets({ groupId: APP_ID });
    const lags = await Promise.all(
      consumed.map(async ({ topic, partitions }) => {
        const ends = await admin.fetchTopicOffsets(topic);
        return partitions.map(({ partition, offset }) => {
          const end = ends.find((each) => each.partition === partition);
          // -1: nothing of this partition was committed yet.
          return Number(end?.high ?? 0) - Math.max(Number(offset), Number(end?.low ?? 0));
        });
      }),
    );
    return lags.flat().reduce((sum, lag) => sum + lag, 0);
  });
}
