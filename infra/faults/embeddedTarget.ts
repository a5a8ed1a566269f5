import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue, deadLetterTopic, eventTypes, PUBSUB_NAME } from '../../shared/events/catalogue.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import { createOrphanReaper } from '../local/gateway/orphanReaper.ts';
import { issuerUrl, signToken } from '../local/issuer.ts';
import type { Activity } from '../local/platform.ts';
import { openEmbedded } from '../local/postgres/embedded.ts';
import { localSecrets } from '../local/secrets.ts';
import { readSettings } from '../local/settings.ts';
import { openTopicLog } from '../local/sidecar/log/topicLog.ts';
import { signal } from '../real/process/signal.ts';
import { publishThrough } from '../story/publish.ts';
import { createCore } from './core.ts';
import { functionPids } from './functionProcesses.ts';
import { lastingPorts } from './ports.ts';
import { schedules } from './schedules.ts';
import { sqlOf } from './sql.ts';
import { type BrokerEvent, eventIdOf, IDLE_SECONDS, type Target, type TargetOptions } from './target.ts';

const PORTS = ['API_PORT', 'APP_PORT', 'DAPR_HTTP_PORT', 'DATABASE_PORT', 'ISSUER_PORT'];

/** The embedded platform, all of it in one process: Postgres, sidecar, gateway, bridge and issuer. */
export async function embeddedTarget({ onProgress, onActivity }: TargetOptions): Promise<Target> {
  const dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-faults-'));
  const settings = readSettings({
    ...(await lastingPorts(PORTS)),
    DATA_DIR: dataDir,
    IDLE_SECONDS: String(IDLE_SECONDS),
  });
  const secrets = await localSecrets(dataDir);
  const seen = recordSidecar();
  const reaper = createOrphanReaper();
  const core = createCore({
    settings,
    schedules,
    logFile: join(dataDir, 'platform.log'),
    reaper,
    onPart: onActivity,
    onActivity(activity) {
      seen.add(activity);
      onActivity(activity);
    },
  });
  onProgress('starting the embedded platform');
  await core.start();

  const bridge = connect({
    url: `postgres://evolution_todo:${secrets.databasePassword}@localhost/evolution_todo`,
    fetchEndpoint: `http://127.0.0.1:${settings.DATABASE_PORT}/sql`,
  });
  let closeDatabase = async () => {};
  return {
    dataDir,
    apiUrl: `http://127.0.0.1:${settings.API_PORT}`,
    token: (userId) => signToken(secrets, issuerUrl(settings.ISSUER_PORT), userId),
    publish: publishThrough(`http://127.0.0.1:${settings.DAPR_HTTP_PORT}`, secrets.daprApiToken),
    sql: async <Row>(text: string, params: readonly unknown[] = []) =>
      (await runAs(bridge, 'system')(bridge.query(text, [...params])))[0] as Row[],
    async pids(part) {
      if (part === 'function') return functionPids(core.pid());
      return [core.pid()].filter((pid) => pid !== undefined);
    },
    async emptyScheduler() {},
    toggleSidecar() {
      const pid = core.pid();
      if (pid) signal(pid, 'SIGUSR2');
    },
    lag: async () => undefined,
    deadLetters: async () => new Set(seen.deadLetters),
    async halt() {
      await core.stop();
      const engine = await openEmbedded(join(dataDir, 'postgres'));
      closeDatabase = engine.close;
      const left = await lettersIn(join(dataDir, 'events'));
      return {
        sql: sqlOf(engine),
        events: seen.events,
        eventsAreComplete: false,
        deadLetters: new Set([...seen.deadLetters, ...left]),
      };
    },
    async close(keepData) {
      await core.stop();
      await reaper.close();
      await closeDatabase();
      if (!keepData) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What the sidecar tells of events that it took, and gave up. It tells so before it answers the publisher. */
function recordSidecar() {
  const events: BrokerEvent[] = [];
  const deadLetters = new Set<string>();
  return {
    events,
    deadLetters,
    add(activity: Activity): void {
      if (!('kind' in activity)) return;
      if (activity.kind !== 'published' && activity.kind !== 'dead-lettered') return;
      const { eventId, topic } = activity.event;
      if (!eventId) return;
      if (activity.kind === 'dead-lettered') deadLetters.add(eventId);
      else events.push({ id: eventId, topic, rank: events.length });
    },
  };
}

/** Ids of the dead letters that are in the sidecar's log and that nobody has taken. */
async function lettersIn(folder: string): Promise<string[]> {
  const failed = (error: unknown) => {
    throw error;
  };
  const log = await openTopicLog({
    dir: folder,
    now: () => new Date(),
    isConsumed: () => true,
    onCleaningFailed: failed,
  });
  const ids = eventTypes.flatMap((type) => {
    const letters = log.messages(PUBSUB_NAME, deadLetterTopic(catalogue[type].topic));
    return letters.map(({ payload }) => eventIdOf(payload.toString()));
  });
  await log.close();
  return ids.filter((id) => id !== undefined);
}
