import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createOrphanReaper } from '../local/gateway/orphanReaper.ts';
import { freePort } from '../local/listen.ts';
import type { SidecarOptions } from '../local/sidecar/sidecar.ts';
import { createPart } from '../real/process/part.ts';
import { startProcess } from '../real/process/process.ts';
import { writeResources } from './resources.ts';
import { type Implementation, PARTITIONS, type Subject } from './subject.ts';
import { answers, subjectOf } from './subjectOfPart.ts';

const program = fileURLToPath(new URL('../local/sidecar/testing/sidecarProcess.ts', import.meta.url));
const typescript = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** As long as a busy machine may need. */
const START_TIMEOUT_MS = 30_000;
/** Twice as long as the sidecar waits for deliveries that are under way. */
const STOP_GRACE_MS = 10_000;

/** The embedded sidecar. */
export async function embedded(): Promise<Implementation> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  const reaper = createOrphanReaper();
  const subjects: Subject[] = [];
  return {
    restAfterKillMs: 0,
    keepsEmailMetadata: false,

    async prepare({ name, resources, topics, database, appPort, apiToken, appToken }) {
      const own = join(folder, name);
      await mkdir(own);
      const logFile = join(own, 'log');
      const options: Omit<SidecarOptions, 'appId'> & { databaseDir?: string } = {
        resourcesPath: await writeResources(join(own, 'resources'), resources),
        dataDir: join(own, 'data'),
        port: await freePort(),
        appChannel: `http://127.0.0.1:${appPort}`,
        topics,
        partitions: PARTITIONS,
        ...(database && { databaseDir: join(own, 'postgres') }),
        ...(apiToken && { apiToken }),
        ...(appToken && { appToken }),
      };
      const url = `http://127.0.0.1:${options.port}`;
      const part = createPart({
        name: 'the embedded sidecar',
        logFile,
        stopSignal: 'SIGTERM',
        stopGraceMs: STOP_GRACE_MS,
        startTimeoutMs: START_TIMEOUT_MS,
        onActivity: () => {},
        launch: () =>
          startProcess({
            command: [process.execPath, '--import', typescript, program, JSON.stringify(options)],
            env: {},
            logFile,
            reaper,
          }),
        probe: () => answers(url),
      });
      const subject = subjectOf(part, url);
      subjects.push(subject);
      return subject;
    },

    async close() {
      await Promise.all(subjects.map((subject) => subject.kill()));
      await reaper.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
