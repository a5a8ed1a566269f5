import { readdir, readFile } from 'node:fs/promises';

/** What all threads of a process have computed, in milliseconds; null where the system does not tell (Linux does). */
export async function cpuMs(pid: number | undefined): Promise<number | null> {
  try {
    const tasks = await readdir(`/proc/${pid}/task`);
    const times = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8')));
    return times.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0);
  } catch {
    return null;
  }
}

/** What of a process is in memory, in megabytes. @throws where the system does not tell (Linux does) */
export async function residentMb(pid: number | undefined): Promise<number> {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** What this process computes for some work, in milliseconds. */
export function computingMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * The memory of a process and of all that it has started, in megabytes: what they share counts once (proportional set
 * size), and what ends meanwhile not at all. @throws where the system does not tell of the process itself (Linux does)
 */
export async function familyMb(pid: number | undefined): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const own = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1]) / 1024;
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')));
  const children = lists.flatMap((list) => list.trim().split(' ').filter(Boolean)).map(Number);
  const memory = await Promise.all(children.map((child) => familyMb(child).catch(zeroIfGone)));
  return memory.reduce((sum, mb) => sum + mb, own);
}

function zeroIfGone(error: NodeJS.ErrnoException): number {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return 0;
  throw error;
}
