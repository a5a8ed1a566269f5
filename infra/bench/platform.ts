import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type Sql } from '../../shared/store/database.ts';
import { type Platform, startPlatform } from '../local/platform.ts';
import { localSecrets } from '../local/secrets.ts';
import { readSettings } from '../local/settings.ts';
import { readTracedWork } from '../real/functionLog.ts';
import { type RealActivity, startRealPlatform } from '../real/platform.ts';
import { readRealSettings } from '../real/settings.ts';
import { temporaryFolder } from '../real/temporaryFolder.ts';

/** Longer than any figure: a function that was woken stays warm. */
const IDLE_SECONDS = 3600;
/** Reminders are looked for every second. */
const SCHEDULES = { 'reminder-scheduler': '@every 1s' };
/** For a platform that is to meet no other. */
export const FREE_PORTS = { API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: '0' };

/** What runs the platform's broker, sidecar and database. */
export type Parts = 'embedded' | 'real';

/** A platform with new data, of which one is told what its functions did. */
export interface MeasuredPlatform extends Pick<Platform, 'apiUrl' | 'token' | 'running'> {
  sql: Sql;
  /** The real parts' processes, by name; of embedded ones there are none. */
  pids(): Record<string, number | undefined>;
  /** Resolves when a function tells of the end of the next piece of work that it does. */
  nextWorkOf(name: string): Promise<void>;
}

/** What of a platform is not as other figures have it. */
export interface PlatformDifferences {
  /** A function that is not used for so long sleeps. */
  idleSeconds?: number;
  /** The schedules of cron bindings, by name. */
  schedules?: Readonly<Record<string, string>>;
}

/**
 * Starts a platform in this process, has `use` use it, and takes it away. If nothing else is said, what was woken stays
 * awake, and reminders are looked for every second.
 */
export async function withPlatform<Result>(
  parts: Parts,
  use: (platform: MeasuredPlatform) => Promise<Result>,
  onProgress: (line: string) => void,
  { idleSeconds = IDLE_SECONDS, schedules = SCHEDULES }: PlatformDifferences = {},
): Promise<Result> {
  const dataDir = await temporaryFolder('evolution-todo-bench-');
  const waiting = new Map<string, () => void>();
  const options = {
    schedules,
    onProgress,
    onActivity(activity: RealActivity) {
      if (!('type' in activity) || activity.type !== 'output') return;
      const done = readTracedWork(activity.line)?.function;
      if (done === undefined) return;
      waiting.get(done)?.();
      waiting.delete(done);
    },
  };
  const variables = { ...FREE_PORTS, DATA_DIR: dataDir, IDLE_SECONDS: String(idleSeconds) };
  try {
    const platform =
      parts === 'embedded'
        ? await startPlatform({ ...options, settings: readSettings(variables) })
        : await startRealPlatform({
            ...options,
            settings: readRealSettings({ ...variables, KAFKA_PORT: '0', POSTGRES_PORT: '0' }),
          });
    const { databasePassword } = await localSecrets(parts === 'embedded' ? dataDir : join(dataDir, 'platform'));
    const sql = connect({
      url: `postgres://evolution_todo:${databasePassword}@localhost/evolution_todo`,
      fetchEndpoint: platform.databaseEndpoint,
    });
    const { apiUrl, token, running } = platform;
    const nextWorkOf = (name: string) => new Promise<void>((resolve) => waiting.set(name, resolve));
    const pids = () =>
      'kafka' in platform
        ? {
            Kafka: platform.kafka.pid(),
            daprd: platform.daprd.pid(),
            "daprd's scheduler": platform.scheduler.pid(),
            ...(platform.postgres && { Postgres: platform.postgres.pid() }),
          }
        : {};
    return await use({ apiUrl, token, running, sql, pids, nextWorkOf }).finally(platform.close);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
