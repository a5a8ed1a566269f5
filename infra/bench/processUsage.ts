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
