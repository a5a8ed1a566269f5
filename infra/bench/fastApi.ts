import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedFolder } from '../real/cache/cache.ts';
import { withElapsed } from '../real/cache/elapsed.ts';
import { runCommand } from '../real/process/command.ts';
import type { Program } from './coldProcess.ts';

const requirements = fileURLToPath(new URL('fastapi/requirements.txt', import.meta.url));
const main = fileURLToPath(new URL('fastapi/main.py', import.meta.url));
const install = 'install Python 3.10 or later with its venv module';

/**
 * The program that stands for the same in Python: a minimal FastAPI app with Dapr's SDK, whose packages pip fetches once
 * on this machine. Rejects, with what to install, where there is no Python that can run it, or pip can't have them.
 */
export async function fastApi(onProgress: (line: string) => void): Promise<Pick<Program, 'node' | 'args' | 'env'>> {
  const version = await pythonVersion();
  const hash = createHash('sha256').update(await readFile(requirements));
  const folder = await cachedFolder({
    name: `bench/fastapi-python-${version}-${hash.digest('hex').slice(0, 12)}`,
    onWait: (seconds) => onProgress(`waiting for another process that fetches FastAPI: ${seconds} s`),
    fill: (draft) => withElapsed(onProgress, 'fetching FastAPI and Dapr’s Python SDK (once)', () => fetchInto(draft)),
  });
  return { node: join(folder, 'bin/python'), args: [main], env: {} };
}

async function pythonVersion(): Promise<string> {
  const version = (
    await runCommand('python3', ['-c', 'import platform; print(platform.python_version())'], { install })
  ).trim();
  requireRecent(version);
  return version;
}

/** @throws where FastAPI can't run on this version of Python */
export function requireRecent(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 10)) throw new Error(`Python ${version} is too old: ${install}`);
}

/** A virtual environment finds what is in it by where its Python stands, so that it can be moved. */
async function fetchInto(folder: string): Promise<void> {
  await runCommand('python3', ['-m', 'venv', folder], { install });
  const pip = ['-m', 'pip', 'install', '--no-deps', '--no-cache-dir', '--disable-pip-version-check', '--quiet'];
  await runCommand(join(folder, 'bin/python'), [...pip, '--requirement', requirements], { install });
}
