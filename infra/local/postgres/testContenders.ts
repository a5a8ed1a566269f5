import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './testContender.ts';

const program = fileURLToPath(new URL('./testContender.ts', import.meta.url));

/** A process of its own that locks or opens a folder when it is told to. */
export interface Contender {
  pid: number;
  tell(order: Order): Promise<Report>;
  send(order: Order): void;
  onReport(listener: (report: Report) => void): void;
  /** Ends it without a chance to clean up (SIGKILL), and waits for its end. */
  kill(): Promise<void>;
}

/** Starts contenders; `killAll` ends those that are left. */
export function contenders() {
  const children = new Set<ChildProcess>();

  function start(folder: string): Contender {
    const child = fork(program, [folder], { execArgv: ['--import', 'tsx'] });
    children.add(child);
    return {
      pid: child.pid as number,
      async tell(order) {
        child.send(order);
        const [report] = await once(child, 'message');
        return report;
      },
      send: (order) => void child.send(order),
      onReport: (listener) => void child.on('message', listener),
      kill: () => end(child),
    };
  }

  async function end(child: ChildProcess): Promise<void> {
    children.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  return { start, killAll: () => Promise.all([...children].map(end)) };
}
