import { spawn } from 'node:child_process';
import type { Owner } from './process.ts';

export interface CommandOptions {
  cwd?: string;
  env?: Readonly<Record<string, string | undefined>>;
  owner?: Owner | undefined;
  /** Written to its standard input; left out, that is empty. */
  input?: string;
  /** What to do where the program is not installed, such as "install Go 1.26.4 or later". */
  install: string;
}

/** How much of a failed command's output tells what went wrong. */
const TELLING_LINES = 12;

/**
 * Runs a command to its end and resolves to what it wrote to standard output. Rejects with what to install where the
 * program is missing, and with the last lines of its output where it fails.
 */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const child = spawn(file, args, {
    cwd: options.cwd ?? '/',
    env: options.env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options.owner,
  });
  // One that ends without reading it tells why by its exit code.
  child.stdin.on('error', () => {}).end(options.input);
  let stdout = '';
  let everything = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    everything += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    everything += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new Error(`${file} is missing: ${options.install}`) : error);
    });
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const lines = everything.trim().split('\n').slice(-TELLING_LINES).join('\n');
      reject(new Error(`${[file, ...args].join(' ')}: ${signal ?? `exit code ${code}`}\n${lines}`));
    });
  });
}
