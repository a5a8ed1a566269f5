import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { bundlePath } from '../bundle/bundle.ts';

/** Runs a program's bundle as its container does, with nothing but the given variables; killed when the test is over. */
export function startProgram(name: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [bundlePath(name)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return {
    /** Asks it to end, as Kubernetes does. */
    stop: () => child.kill('SIGTERM'),
    /** Its exit code and signal. */
    exit: once(child, 'exit'),
    /** What it has logged so far. */
    output: () => output,
  };
}
