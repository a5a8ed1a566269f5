import { readdir } from 'node:fs/promises';
import { ask, type Program, start } from './coldProcess.ts';

/**
 * Fills a folder for NODE_COMPILE_CACHE: starts a program, asks it once, and stops it, when Node (22.1 and later) writes
 * down what it has compiled. The cache goes by path and content, and by the very Node. @throws where the program fails,
 * or its Node writes nothing down
 */
export async function fillCompileCache(program: Program, folder: string): Promise<void> {
  const running = await start({ ...program, env: { ...program.env, NODE_COMPILE_CACHE: folder } });
  try {
    await ask(running, program);
  } finally {
    await running.stop('SIGTERM');
  }
  const written = await readdir(folder, { recursive: true }).catch(() => []);
  if (written.length > 0) return;
  throw new Error(`${program.node} keeps no compiled code: a compile cache needs Node 22.1 or later`);
}
