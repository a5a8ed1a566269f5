import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleAll } from '../bundle/bundleAll.ts';
import { ask, start } from './coldProcess.ts';
import { type Figure, row } from './figure.ts';
import { FREE_PORTS, withPlatform } from './platform.ts';
import { familyMb } from './processUsage.ts';
import { summarise } from './statistics.ts';
import { bareServer } from './subjects.ts';

/** What a start leaves to be collected is gone by then, more or less. */
const QUIET_MS = 5000;
const QUIET_SHORT_MS = 500;

/** What the embedded platform keeps while nothing happens and no function runs. */
export const restMemoryFigure: Figure = {
  name: 'restMemory',
  summary: 'memory of the embedded platform at rest, beside a bare node:http server',
  async measure({ short, onProgress, signal }) {
    onProgress('memory at rest, embedded');
    await bundleAll();
    signal.throwIfAborted();
    const quietMs = short ? QUIET_SHORT_MS : QUIET_MS;
    const yardstick = summarise([await memoryOfBareServer(quietMs)]);
    const measured = summarise([await memoryOfEmbedded(quietMs)]);
    return [row('embedded platform', { unit: 'MB', measured, yardstick })];
  },
};

/** The same of each of the real parts. */
export const restMemoryRealFigure: Figure = {
  name: 'restMemoryReal',
  summary: 'the same of Kafka, daprd and Postgres, each beside daprd',
  onRealParts: true,
  measure: ({ short, onProgress }) =>
    withPlatform(
      'real',
      async ({ pids }) => {
        await sleep(short ? QUIET_SHORT_MS : QUIET_MS);
        const parts: [name: string, mb: number][] = [];
        for (const [name, pid] of Object.entries(pids())) parts.push([name, await familyMb(pid)]);
        const daprd = summarise(parts.filter(([name]) => name === 'daprd').map(([, mb]) => mb));
        return parts.map(([name, mb]) => row(name, { unit: 'MB', measured: summarise([mb]), yardstick: daprd }));
      },
      onProgress,
    ),
};

async function memoryOfBareServer(quietMs: number): Promise<number> {
  const program = { node: process.execPath, args: [bareServer], env: {} };
  const running = await start(program);
  try {
    await ask(running, { ...program, request: { method: 'GET', path: '/' }, status: 200 });
    await sleep(quietMs);
    return await familyMb(running.child.pid);
  } finally {
    await running.stop('SIGKILL');
  }
}

async function memoryOfEmbedded(quietMs: number): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-bench-'));
  const module = fileURLToPath(new URL('restingPlatform.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', module], {
    env: { PATH: process.env.PATH, ...FREE_PORTS, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => Promise.reject(new Error(`the platform exited with ${code} before it was up`)));
  try {
    await Promise.race([once(child.stdout, 'data'), ended]);
    await sleep(quietMs);
    return await familyMb(child.pid);
  } finally {
    ended.catch(() => {});
    child.kill('SIGTERM');
    await exited;
    await rm(dataDir, { recursive: true, force: true });
  }
}
