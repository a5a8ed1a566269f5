import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Of processes that start in the same instant, all but one have stepped back long before. */
const PATIENCE_MS = 500;
const RETRY_MS = 20;
/** The shortest limit on a socket's path that a system has (`sun_path` on macOS, its closing NUL not counted). */
const MAX_SOCKET_PATH_BYTES = 103;

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Locks a folder for this process, or rejects with the number of the process that has it. The lock ends with the
 * process, however it ends.
 *
 * Each contender puts up a flag in the folder, a Unix socket that it listens on, and looks at the others' flags only
 * then. It has the lock when it sees no other flag that answers. So of two contenders at most one can win: whichever
 * put up its flag later sees the other's. A flag is alive exactly as long as its process, because it is the kernel that
 * answers: a lock file's process number could have been given to another program since, or mean another process in
 * another container. The folder must be on a file system of this machine, as a database's should.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const flags = join(folder, 'lock');
  await mkdir(flags, { recursive: true });
  const route = await shortRoute(flags);
  const name = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const deadline = performance.now() + PATIENCE_MS;
  let flag: FolderLock | undefined;
  try {
    for (;;) {
      flag ??= await putUpFlag(folder, route.path, name);
      const rivals = await livingRivals(route.path, name);
      if (rivals[0] === undefined) return flag;
      if (performance.now() > deadline) throw inUse(folder, rivals[0]);
      // Of several contenders the first by name stays and the others step back, or none would ever be alone.
      if (rivals[0] < name) {
        await flag.release();
        flag = undefined;
      }
      await delay(RETRY_MS);
    }
  } catch (error) {
    await flag?.release();
    throw error;
  } finally {
    await route.remove();
  }
}

async function putUpFlag(folder: string, route: string, name: string): Promise<FolderLock> {
  const server = createServer((visitor) => visitor.destroy()).unref();
  const raised = join(folder, 'lock', name);
  // Visible only once it answers: a flag between its two steps would look like one that a killed process left.
  const hidden = `.${name}`;
  await listenOn(server, join(route, hidden)).catch((error) => {
    throw new Error(
      `data folder ${folder} can't be locked (${error.message}): it must be on a local file system that allows Unix ` +
        'sockets; choose another folder with DATA_DIR',
      { cause: error },
    );
  });
  await rename(join(folder, 'lock', hidden), raised);
  return {
    async release() {
      await rm(raised, { force: true });
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listenOn(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

/** Names of the others' flags that answer, in order; takes down those that killed processes left. */
async function livingRivals(flags: string, ownName: string): Promise<string[]> {
  const names = (await readdir(flags)).filter((name) => !name.startsWith('.') && name !== ownName).sort();
  const living: string[] = [];
  for (const name of names) {
    if (await answers(join(flags, name))) living.push(name);
    else await rm(join(flags, name), { force: true });
  }
  return living;
}

/** Whether somebody listens on a socket. In doubt (no permission, queue full) somebody does. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

/** A path to the folder that leaves room for a flag's name; through a link where the folder's own is too long. */
async function shortRoute(flags: string): Promise<{ path: string; remove(): Promise<void> }> {
  const longest = join(flags, '.4194304-00000000');
  if (Buffer.byteLength(longest) <= MAX_SOCKET_PATH_BYTES) return { path: flags, remove: async () => {} };
  const detour = await mkdtemp(join(tmpdir(), 'lock-'));
  const path = join(detour, 'to');
  await symlink(resolve(flags), path);
  return { path, remove: () => rm(detour, { recursive: true, force: true }) };
}

function inUse(folder: string, flag: string): Error {
  const pid = flag.split('-')[0];
  return new Error(
    `data folder ${folder} is in use by process ${pid}; stop it, or choose another folder with DATA_DIR`,
  );
}
