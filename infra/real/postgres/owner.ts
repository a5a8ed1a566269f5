import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runCommand } from '../process/command.ts';
import type { Owner } from '../process/process.ts';

/** Who may run Postgres where root may not: its package's own user, or the one that owns nothing. */
const CANDIDATES = ['postgres', 'nobody'];

/** Whom Postgres must run as: undefined, as this process does, unless that is root, whom Postgres refuses. */
export async function postgresOwner(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    const numbers = await Promise.all(['-u', '-g'].map((which) => idOf(which, name)));
    const [uid, gid] = numbers;
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(`Postgres refuses to run as root, and there is no user ${CANDIDATES.join(' or ')}: start as another`);
}

async function idOf(which: string, name: string): Promise<number | undefined> {
  const text = await runCommand('id', [which, name], { install: 'install coreutils' }).catch(() => undefined);
  return text === undefined ? undefined : Number(text);
}

/** Rejects when the owner can't get to a folder because one above it is closed to others, as root's home is. */
export async function requireReachable(folder: string, { uid, gid }: Owner): Promise<void> {
  const { uid: owner, gid: group, mode } = await stat(folder);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  if (!(mode & bit)) {
    throw new Error(
      `${folder} is closed to the user (${uid}) that runs Postgres in root's place: choose another DATA_DIR, start as ` +
        'another user, or name a server with DATABASE_URL',
    );
  }
  if (dirname(folder) !== folder) await requireReachable(dirname(folder), { uid, gid });
}
