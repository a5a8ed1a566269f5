import { appendFile, chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import type { OrphanReaper } from '../../local/gateway/orphanReaper.ts';
import { ensureDataFolder } from '../../local/postgres/dataFolder.ts';
import { runCommand } from '../process/command.ts';
import { createPart, type Part, type ReportPart } from '../process/part.ts';
import { type Owner, startProcess } from '../process/process.ts';
import { findServer, type ServerBinaries } from './binaries.ts';
import { postgresOwner, requireReachable } from './owner.ts';

export interface ClusterOptions {
  /** Where the cluster keeps its data; made at the first start. */
  folder: string;
  /** The address of this machine where it listens; left out, loopback. */
  host?: string;
  port: number;
  /** Of the superuser and of the role that owns the database; set when the cluster is made. */
  password: string;
  /** Settings of the server in place of its own, by their names. */
  settings?: Readonly<Record<string, string>>;
  logFile: string;
  reaper: OrphanReaper;
  onActivity: ReportPart;
}

/** A Postgres server of our own. */
export interface Cluster extends Part {
  /** Where its one database is, as a role that owns it and is no superuser. */
  url: string;
  /** The server, as its superuser. */
  superuserUrl: string;
}

const NAME = 'postgres';
const SUPERUSER = 'postgres';
/** Database and role alike. */
const DATABASE = 'evolution_todo';
/** A second is usual; after a kill it first replays its log. */
const START_TIMEOUT_MS = 30_000;
/** A fast shutdown ends the sessions and writes a checkpoint. */
const STOP_GRACE_MS = 15_000;
const CONNECTION_TIMEOUT_MS = 2_000;

/** A Postgres cluster that runs as an unprivileged user where this process is root's. */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, host = '127.0.0.1', port, password, logFile } = options;
  const data = join(folder, 'data');
  const binaries = await findServer(await versionOf(data));
  const owner = await postgresOwner();
  await prepareFolder(folder, owner);
  await ensureDataFolder(data, (draft) => initialize(draft, { binaries, owner, password }));

  const urlOf = (user: string, database: string) => {
    return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  };
  const settings = { ...options.settings, port, listen_addresses: host, unix_socket_directories: '' };
  const part = createPart({
    name: NAME,
    logFile,
    // A fast shutdown: it does not wait for its clients to leave.
    stopSignal: 'SIGINT',
    stopGraceMs: STOP_GRACE_MS,
    startTimeoutMs: START_TIMEOUT_MS,
    onActivity: options.onActivity,
    launch: () =>
      startProcess({
        command: [
          binaries.postgres,
          ...['-D', data],
          ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        ],
        env: { LC_ALL: 'C' },
        owner,
        logFile,
        reaper: options.reaper,
      }),
    probe: () => ensureDatabase(urlOf(SUPERUSER, 'postgres'), password),
  });
  return { ...part, url: urlOf(DATABASE, DATABASE), superuserUrl: urlOf(SUPERUSER, 'postgres') };
}

async function versionOf(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

async function prepareFolder(folder: string, owner: Owner | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (!owner) return;
  await chown(folder, owner.uid, owner.gid);
  await chmod(folder, 0o700);
  await requireReachable(dirname(folder), owner);
}

interface Initialization {
  binaries: ServerBinaries;
  owner: Owner | undefined;
  password: string;
}

async function initialize(draft: string, { binaries, owner, password }: Initialization): Promise<void> {
  const passwordFile = `${draft}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    if (owner) await Promise.all([draft, passwordFile].map((path) => chown(path, owner.uid, owner.gid)));
    const authentication = ['--username', SUPERUSER, '--auth', 'scram-sha-256', '--pwfile', passwordFile];
    const options = ['-D', draft, ...authentication, '--encoding', 'UTF8', '--locale', 'C'];
    await runCommand(binaries.initdb, options, { owner, install: 'install Postgres' });
    // Whom initdb lets in is loopback alone. Who comes at all is decided by the address that it listens on.
    await appendFile(join(draft, 'pg_hba.conf'), 'host all all samenet scram-sha-256\n');
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Resolves when the server answers and has the role and its database, which it gets at the first start. */
async function ensureDatabase(url: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECTION_TIMEOUT_MS });
  // A server that ends meanwhile is told by the query that fails.
  client.on('error', () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount) return;
    await client.query(`drop role if exists ${DATABASE}`);
    // As at Neon, where the database's owner may make roles, but is no superuser.
    await client.query(`create role ${DATABASE} login createrole password ${client.escapeLiteral(password)}`);
    await client.query(`create database ${DATABASE} owner ${DATABASE}`);
  } finally {
    await client.end();
  }
}
