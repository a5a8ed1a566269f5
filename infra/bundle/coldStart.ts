import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../local/listen.ts';

/** Far above any cold start; a process that is not there by then is broken. */
const LIMIT_MS = 10_000;

/** Milliseconds from spawning a Node program to its accepting a connection on the PORT that it is given. */
export async function spawnToListening(program: string, env: Readonly<Record<string, string>>): Promise<number> {
  const port = await freePort();
  const started = performance.now();
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    while (!(await accepts(port))) {
      if (child.exitCode !== null) throw new Error(`${program} exited with ${child.exitCode} before it listened`);
      if (performance.now() - started > LIMIT_MS) throw new Error(`${program} did not listen within ${LIMIT_MS} ms`);
      await sleep(1);
    }
    return performance.now() - started;
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const finish = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
}
