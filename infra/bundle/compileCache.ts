import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../local/listen.ts';

/** Far above any start; a function that does not answer by then is broken. */
const LIMIT_MS = 30_000;

export interface CompileCacheOptions {
  /** The Node to compile for: the very one that is to use the cache, of the same version and on such a processor. */
  node: string;
  /** What starts the function, at the path where it will be: the cache goes by path and content. */
  program: string;
  /** Where the cache goes. At run time it may be read-only. */
  folder: string;
  /** What the function needs to start. */
  environment: Readonly<Record<string, string>>;
  /** Makes the function do what it is to do fast at first; left out, it only tells that it is well. */
  use?: (url: string) => Promise<void>;
}

/**
 * Fills a folder for NODE_COMPILE_CACHE: starts a function, lets it do something, and stops it, when Node (22.1 and
 * later) writes down what it has compiled. @throws where the function fails, or this Node writes nothing down
 */
export async function fillCompileCache({
  node,
  program,
  folder,
  environment,
  use,
}: CompileCacheOptions): Promise<void> {
  const port = await freePort();
  const child = spawn(node, [program], {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...environment, PORT: String(port), NODE_COMPILE_CACHE: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilItAnswers(`${url}/healthz`, () => child.exitCode);
    await use?.(url);
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
  const written = await readdir(folder, { recursive: true }).catch(() => []);
  if (written.length === 0) throw new Error(`${node} keeps no compiled code: a compile cache needs Node 22.1 or later`);
}

async function untilItAnswers(url: string, exitCode: () => number | null): Promise<void> {
  const started = performance.now();
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (exitCode() !== null) throw new Error(`the function exited with ${exitCode()} before it answered`);
    if (performance.now() - started > LIMIT_MS) throw new Error(`the function did not answer within ${LIMIT_MS} ms`);
    await sleep(5);
  }
}
