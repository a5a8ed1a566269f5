import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type RequestOptions, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../local/listen.ts';
import { cpuMs } from './processUsage.ts';

/** Far above any cold start; a process that is not there by then is broken. */
const LIMIT_MS = 30_000;

/** A program to start, and what to ask it. */
export interface Program {
  /** What runs it: a Node, as a rule. */
  node: string;
  /** Node's own options before it, then the program. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  request: { method: string; path: string; headers?: Readonly<Record<string, string>>; body?: string };
  /** The status that the answer must have. */
  status: number;
}

/** What a start took, in milliseconds from spawning it. */
export interface ColdStart {
  listening: number;
  answered: number;
  /** What it had computed by then, in milliseconds of all its threads; null where the system does not tell. */
  cpu: number | null;
}

/** Starts a program, asks it once as soon as it can be asked, and takes it away. @throws what it wrote, where it fails */
export async function coldStart(program: Program): Promise<ColdStart> {
  const running = await start(program);
  try {
    const { listening } = await ask(running, program);
    const answered = performance.now() - running.spawned;
    return { listening, answered, cpu: await cpuMs(running.child.pid) };
  } finally {
    await running.stop('SIGKILL');
  }
}

export interface Running {
  child: ChildProcess;
  port: number;
  /** When it was spawned, on the clock of `performance.now()`. */
  spawned: number;
  /** Ends it, and resolves when it has ended. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Spawns a program with a PORT of its own. */
export async function start({ node, args, env }: Pick<Program, 'node' | 'args' | 'env'>): Promise<Running> {
  const port = await freePort();
  const spawned = performance.now();
  const child = spawn(node, args, {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  return {
    child,
    port,
    spawned,
    async stop(signal) {
      if (child.exitCode === null) child.kill(signal);
      await exited;
    },
  };
}

/** Sends a program its request as soon as it listens; resolves once its answer is read. */
export async function ask(
  { child, port, spawned }: Pick<Running, 'port' | 'spawned'> & Partial<Running>,
  { args, request: asked, status }: Program,
): Promise<{ listening: number }> {
  const name = args.at(-1);
  for (;;) {
    if (child && child.exitCode !== null) throw new Error(`${name} exited with ${child.exitCode} before it listened`);
    if (performance.now() - spawned > LIMIT_MS) throw new Error(`${name} did not listen within ${LIMIT_MS} ms`);
    const { method, path, headers } = asked;
    const answer = await send({ port, method, path, headers: { ...headers } }, asked.body);
    if (answer === undefined) await sleep(1);
    else if (answer.status === status) return { listening: answer.connected - spawned };
    else throw new Error(`${name} answered ${method} ${path} with ${answer.status}, not ${status}: ${answer.text}`);
  }
}

/** Resolves to undefined where nobody listens. */
function send(options: RequestOptions, body: string | undefined) {
  return new Promise<{ connected: number; status: number | undefined; text: string } | undefined>((resolve, reject) => {
    let connected = 0;
    const sent = request({ host: '127.0.0.1', agent: false, ...options });
    sent.on('socket', (socket) => socket.once('connect', () => (connected = performance.now())));
    sent.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? resolve(undefined) : reject(error),
    );
    sent.once('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ connected, status: response.statusCode, text });
    });
    sent.end(body);
  });
}
