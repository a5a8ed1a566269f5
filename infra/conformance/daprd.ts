import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createOrphanReaper } from '../local/gateway/orphanReaper.ts';
import { freePort } from '../local/listen.ts';
import { buildDaprd } from '../real/daprd/build.ts';
import { createDaprd } from '../real/daprd/daprd.ts';
import { createBroker } from '../real/kafka/broker.ts';
import { withAdmin } from '../real/kafka/client.ts';
import { kafkaClassPath } from '../real/kafka/jars.ts';
import { schedulerPorts } from '../real/ports.ts';
import { type Cluster, createCluster } from '../real/postgres/cluster.ts';
import type { Part } from '../real/process/part.ts';
import { buildScheduler } from '../real/scheduler/build.ts';
import { createScheduler, schedulerAddress } from '../real/scheduler/scheduler.ts';
import { temporaryFolder } from '../real/temporaryFolder.ts';
import { HEARTBEAT_INTERVAL_MS, SESSION_TIMEOUT_MS, writeResources } from './resources.ts';
import { type Implementation, PARTITIONS, type Subject } from './subject.ts';
import { subjectOf } from './subjectOfPart.ts';

/** daprd itself, each one a process of its own, on one Kafka. */
export async function daprd(): Promise<Implementation> {
  const onProgress = (step: string) => process.stderr.write(`… ${step}\n`);
  const program = await buildDaprd(onProgress);
  const schedulerProgram = await buildScheduler(onProgress);
  const classPath = await kafkaClassPath(onProgress);

  const folder = await temporaryFolder('conformance-');
  const reaper = createOrphanReaper();
  const port = await freePort();
  const brokers = `127.0.0.1:${port}`;
  const supervision = (name: string) => ({ logFile: join(folder, `${name}.log`), reaper, onActivity: () => {} });
  const kafka = await createBroker({
    classPath,
    folder: join(folder, 'kafka'),
    port,
    controllerPort: await freePort(),
    ...supervision('kafka'),
  });
  await kafka.start();
  const subjects: Subject[] = [];
  const clusters: Cluster[] = [];
  const schedulers: Part[] = [];

  async function startScheduler(name: string): Promise<string> {
    const ports = await schedulerPorts();
    const own = { program: schedulerProgram, folder: join(folder, `${name}-scheduler`), ports };
    const scheduler = await createScheduler({ ...own, ...supervision(`${name}-scheduler`) });
    schedulers.push(scheduler);
    await scheduler.start();
    return schedulerAddress(ports);
  }

  async function startPostgres(name: string): Promise<string> {
    const own = { folder: join(folder, `${name}-postgres`), port: await freePort(), password: 'conformance' };
    const cluster = await createCluster({ ...own, ...supervision(`${name}-postgres`) });
    clusters.push(cluster);
    await cluster.start();
    return cluster.url;
  }

  return {
    restAfterKillMs: SESSION_TIMEOUT_MS - HEARTBEAT_INTERVAL_MS,
    keepsEmailMetadata: true,

    async prepare({ name, resources, topics, database, jobs, appPort, apiToken, appToken }) {
      const own = join(folder, name);
      await mkdir(own);
      const wanted = topics.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 }));
      await withAdmin(brokers, (admin) => admin.createTopics({ topics: wanted, waitForLeaders: true }));
      const ports = { http: await freePort(), grpc: await freePort(), internal: await freePort() };
      const part = createDaprd({
        program,
        resourcesPath: await writeResources(join(own, 'resources'), resources),
        ports,
        appPort,
        brokers,
        ...(jobs && { scheduler: await startScheduler(name) }),
        databaseUrl: database ? await startPostgres(name) : '',
        apiToken: apiToken ?? '',
        appToken: appToken ?? '',
        ...supervision(name),
      });
      const subject = subjectOf(part, `http://127.0.0.1:${ports.http}`);
      subjects.push(subject);
      return subject;
    },

    async close() {
      await Promise.all(subjects.map((subject) => subject.kill()));
      await Promise.all([kafka, ...clusters, ...schedulers].map((part) => part.kill()));
      await reaper.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
