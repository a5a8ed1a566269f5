import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../process/command.ts';

/** An installed Postgres server. */
export interface ServerBinaries {
  /** The major version, which a data folder is bound to. */
  version: number;
  initdb: string;
  postgres: string;
}

/** Where packages put a server that is not in the PATH: Debian and Ubuntu; Red Hat; Homebrew; from source. */
const folders = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/usr/local/pgsql/bin',
];
/** What the migrations need (`gen_random_uuid` in the core, and what Neon offers). */
const OLDEST_VERSION = 14;
const INSTALL = `install Postgres ${OLDEST_VERSION} or later (Debian: postgresql), or name a server with DATABASE_URL`;

/** The newest server of this machine, or of the version that is given; rejects with what to install. */
export async function findServer(
  version?: number,
  searched: readonly string[] = searchPath(),
): Promise<ServerBinaries> {
  const found: ServerBinaries[] = [];
  for (const folder of (await Promise.all(searched.map(expand))).flat()) {
    const server = await serverIn(folder);
    if (server) found.push(server);
  }
  const fitting = found.filter((server) => (version ? server.version === version : server.version >= OLDEST_VERSION));
  const newest = fitting.sort((a, b) => b.version - a.version)[0];
  if (newest) return newest;
  const versions = found.map((server) => server.version).join(', ');
  if (version) {
    const seen = versions ? `found: ${versions}` : 'none was found';
    throw new Error(`the data needs the Postgres server ${version}, ${seen}: install it, or move the data away`);
  }
  throw new Error(versions ? `this Postgres is too old (${versions}): ${INSTALL}` : `Postgres is missing: ${INSTALL}`);
}

function searchPath(): string[] {
  return [...(process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/')), ...folders];
}

/** The folders that a path with one `*` stands for. */
async function expand(path: string): Promise<string[]> {
  const [before, after] = path.split('*');
  if (before === undefined || after === undefined) return [path];
  const parent = before.slice(0, before.lastIndexOf('/'));
  const names = await readdir(parent).catch(() => []);
  return names
    .map((name) => join(parent, name))
    .filter((full) => full.startsWith(before))
    .map((full) => full + after);
}

async function serverIn(folder: string): Promise<ServerBinaries | undefined> {
  const [initdb, postgres] = [join(folder, 'initdb'), join(folder, 'postgres')];
  try {
    await Promise.all([access(initdb, constants.X_OK), access(postgres, constants.X_OK)]);
  } catch {
    return undefined;
  }
  const text = await runCommand(postgres, ['--version'], { install: INSTALL });
  return { version: Number(/\(PostgreSQL\) (\d+)/.exec(text)?.[1]), initdb, postgres };
}
