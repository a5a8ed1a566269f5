import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OrphanReaper } from '../../local/gateway/orphanReaper.ts';
import { runCommand } from '../process/command.ts';
import { createPart, type Part, type ReportPart } from '../process/part.ts';
import { startProcess } from '../process/process.ts';
import { INSTALL_JAVA } from './jars.ts';
import { serverProperties } from './serverProperties.ts';
import { isServing } from './topics.ts';

export interface BrokerOptions {
  /** As `kafkaClassPath` gives it. */
  classPath: string;
  /** Where the broker keeps its topics; made and formatted at the first start. */
  folder: string;
  /** The address of this machine where clients connect; left out, loopback. */
  host?: string;
  port: number;
  /** On loopback, for nobody but the broker itself. */
  controllerPort: number;
  logFile: string;
  reaper: OrphanReaper;
  onActivity: ReportPart;
}

const NAME = 'kafka';
/** Three seconds are usual; after a kill the broker first waits until its former self counts as gone. */
const START_TIMEOUT_MS = 60_000;
/** One second is usual; a full disk cache takes longer to write. */
const STOP_GRACE_MS = 30_000;
/**
 * Half of what Kafka's own script gives it is plenty for a few topics and clients. Compiled fast rather than well, and
 * without collector threads, it serves in two thirds of the time on two cores.
 */
const JVM = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
/** Kafka names any 16 bytes a cluster; one that is alone needs no name of its own. */
const CLUSTER_ID = 'ZXZvbHV0aW9uLXRvZG8tMQ';

/** A Kafka of one broker. */
export async function createBroker(options: BrokerOptions): Promise<Part> {
  const { classPath, folder, host = '127.0.0.1', port, controllerPort, logFile } = options;
  const data = join(folder, 'data');
  const properties = join(folder, 'server.properties');
  await mkdir(folder, { recursive: true });
  await writeFile(properties, serverProperties({ host, port, controllerPort }, data));
  await formatOnce(data, properties, classPath);
  return createPart({
    name: NAME,
    logFile,
    stopSignal: 'SIGTERM',
    stopGraceMs: STOP_GRACE_MS,
    startTimeoutMs: START_TIMEOUT_MS,
    onActivity: options.onActivity,
    launch: () =>
      startProcess({
        command: ['java', ...JVM, ...logging, '-cp', classPath, 'kafka.Kafka', properties],
        env: { PATH: process.env.PATH ?? '', ...(process.env.JAVA_HOME && { JAVA_HOME: process.env.JAVA_HOME }) },
        logFile,
        reaper: options.reaper,
      }),
    probe: () => isServing(`${host}:${port}`),
  });
}

/** To standard error: when it starts, serves and ends, and what goes wrong. */
const logging = [
  'defaultLogLevel=warn',
  'log.kafka.server.KafkaRaftServer=info',
  'log.kafka.server.BrokerLifecycleManager=info',
  'showDateTime=true',
  "dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
  'showThreadName=false',
].map((setting) => `-Dorg.slf4j.simpleLogger.${setting}`);

async function formatOnce(data: string, properties: string, classPath: string): Promise<void> {
  const formatted = await access(join(data, 'meta.properties')).then(
    () => true,
    () => false,
  );
  if (formatted) return;
  const tool = ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '--cluster-id', CLUSTER_ID];
  await runCommand('java', [...tool, '--config', properties], { install: INSTALL_JAVA });
}
