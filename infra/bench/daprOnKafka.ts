import { copyFile, mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allTopics } from '../../shared/events/catalogue.ts';
import { freePort, listen } from '../local/listen.ts';
import { buildDaprd } from '../real/daprd/build.ts';
import { createDaprd } from '../real/daprd/daprd.ts';
import { createBroker } from '../real/kafka/broker.ts';
import { kafkaClassPath } from '../real/kafka/jars.ts';
import { ensureTopics } from '../real/kafka/topics.ts';
import type { Supervision } from './server.ts';

/** What the daprd of the bench asks for and sends. */
export const TOKEN = 'bench';

export interface DaprOnKafkaOptions {
  /** Names of files of `infra/dapr`. */
  resources: readonly string[];
  /** What daprd calls. */
  app: Server;
  onProgress(line: string): void;
}

/**
 * Starts Kafka with the system's topics, and a daprd on it; resolves to daprd's address. What was started is put to
 * `closers`, to be ended from the last to the first.
 */
export async function startDaprOnKafka(
  { folder, supervise }: Supervision,
  closers: (() => Promise<void>)[],
  { resources, app, onProgress }: DaprOnKafkaOptions,
): Promise<string> {
  const [program, classPath] = [await buildDaprd(onProgress), await kafkaClassPath(onProgress)];
  onProgress('starting Kafka and daprd');
  const [port, controllerPort] = [await freePort(), await freePort()];
  const brokers = `127.0.0.1:${port}`;
  const kafka = await createBroker({
    classPath,
    folder: join(folder, 'kafka'),
    port,
    controllerPort,
    ...supervise('kafka'),
  });
  closers.push(kafka.stop);
  await kafka.start();
  await ensureTopics(brokers, allTopics());
  const { port: appPort, close } = await listen(app, 0);
  closers.push(close);
  const resourcesPath = join(folder, 'resources');
  await mkdir(resourcesPath);
  for (const name of resources) await copyFile(resourceFile(name), join(resourcesPath, name));
  const ports = { http: await freePort(), grpc: await freePort(), internal: await freePort() };
  const daprd = createDaprd({
    ...{ program, resourcesPath, ports, brokers, appPort, databaseUrl: '', apiToken: TOKEN, appToken: TOKEN },
    ...supervise('daprd'),
  });
  closers.push(daprd.stop);
  await daprd.start();
  return `http://127.0.0.1:${ports.http}`;
}

function resourceFile(name: string): string {
  return fileURLToPath(new URL(`../dapr/${name}`, import.meta.url));
}
