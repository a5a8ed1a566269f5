import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { allTopics } from '../../../shared/events/catalogue.ts';
import { createOrphanReaper } from '../../local/gateway/orphanReaper.ts';
import { signToken, startIssuer } from '../../local/issuer.ts';
import { freePort } from '../../local/listen.ts';
import { type MailActivity, type OutgoingMail, openOutgoingMail } from '../../local/mail/outgoingMail.ts';
import { openServer } from '../../local/postgres/server.ts';
import { localSecrets, type Secrets } from '../../local/secrets.ts';
import { FUNCTIONS_ROLE, migrate } from '../../migrations/migrate.ts';
import { createBroker } from '../../real/kafka/broker.ts';
import { kafkaClassPath } from '../../real/kafka/jars.ts';
import { ensureTopics } from '../../real/kafka/topics.ts';
import { choose } from '../../real/ports.ts';
import { createCluster, type Cluster as PostgresCluster } from '../../real/postgres/cluster.ts';
import type { Part, PartActivity } from '../../real/process/part.ts';
import { type Closer, startTogether } from '../../real/process/together.ts';
import { MACHINE_ADDRESS } from '../cluster/names.ts';
import { machinePorts } from './machinePorts.ts';

/** What the bridge logs in as: a member of the functions' role, whom row-level security binds. */
const FUNCTIONS_LOGIN = 'todo_app';

/** What the overlay finds on the machine, on its address in the cluster's network. */
export interface Machine {
  secrets: Secrets;
  /** Addresses of Kafka, comma-separated. */
  brokers: string;
  kafka: Part;
  postgres: PostgresCluster;
  /** The database as its owner, and as what the bridge logs in as. */
  databaseUrl: { owner: string; functions: string };
  postgresLog: string;
  /** What the sidecar's e-mail component is told. */
  mail: OutgoingMail['variables'];
  /** A token of the machine's issuer. */
  token(userId: string, scope?: string): Promise<string>;
  close(): Promise<void>;
}

export interface MachineOptions {
  /** For data and logs. */
  folder: string;
  onProgress: (step: string) => void;
  onActivity: (activity: PartActivity | MailActivity) => void;
}

/**
 * Starts what the overlay expects beside the cluster, which must run, as its network is theirs: Kafka with the topics,
 * Postgres with the schema, the token issuer, and an SMTP server that keeps its e-mails. Rejects, with nothing left
 * running, when a part is missing, a port of theirs is in use or one can't start.
 */
export function startMachine(options: MachineOptions): Promise<Machine> {
  return startTogether((closers) => startParts(options, closers));
}

async function startParts(
  { folder, onProgress, onActivity }: MachineOptions,
  closers: Closer[],
): Promise<Omit<Machine, 'close'>> {
  const classPath = await kafkaClassPath(onProgress);
  const host = MACHINE_ADDRESS;
  const ports = await machinePorts();
  for (const port of Object.values(ports)) await choose(port, host);
  await mkdir(join(folder, 'logs'), { recursive: true });
  // Postgres, which root may not run, must get to its folder in here. What is secret has a mode of its own.
  await chmod(folder, 0o711);
  const secrets = await localSecrets(join(folder, 'secrets'));
  const reaper = createOrphanReaper();
  closers.push(reaper.close);
  const logOf = (name: string) => join(folder, 'logs', `${name}.log`);
  const supervised = (name: string) => ({ host, logFile: logOf(name), reaper, onActivity });

  onProgress('starting Postgres and Kafka on the machine');
  const postgres = await createCluster({
    folder: join(folder, 'postgres'),
    port: ports.postgres,
    password: secrets.databasePassword,
    ...supervised('postgres'),
  });
  const kafka = await createBroker({
    classPath,
    folder: join(folder, 'kafka'),
    port: ports.kafka,
    controllerPort: await freePort(),
    ...supervised('kafka'),
  });
  closers.push(postgres.stop, kafka.stop);
  await Promise.all([postgres.start(), kafka.start()]);
  const brokers = `${host}:${ports.kafka}`;
  await Promise.all([ensureTopics(brokers, allTopics()), makeSchema(postgres.url, secrets.databasePassword)]);

  const issuer = await startIssuer(secrets, ports.issuer, host);
  closers.push(issuer.close);
  const mail = await openOutgoingMail({ SMTP_PORT: 0 }, onActivity, host);
  closers.push(mail.close);
  const functions = new URL(postgres.url);
  functions.username = FUNCTIONS_LOGIN;
  return {
    ...{ secrets, brokers, kafka, postgres, mail: mail.variables, postgresLog: logOf('postgres') },
    databaseUrl: { owner: postgres.url, functions: functions.href },
    token: (userId, scope) => signToken(secrets, issuer.url, userId, scope),
  };
}

/** Makes the schema and the functions' login, as README.md of the project tells it. */
async function makeSchema(url: string, password: string): Promise<void> {
  const engine = await openServer(url, { maxConnections: 1 });
  try {
    await migrate(engine);
    await engine.session(async ({ exec }) => {
      await exec(`create role ${FUNCTIONS_LOGIN} login noinherit password '${password}'`);
      await exec(`grant ${FUNCTIONS_ROLE} to ${FUNCTIONS_LOGIN}`);
    });
  } finally {
    await engine.close();
  }
}
