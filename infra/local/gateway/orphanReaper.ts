import { type ChildProcess, spawn } from 'node:child_process';

/** Ends the process groups it was told of when this process dies, however it dies. */
export interface OrphanReaper {
  watch(group: number): void;
  unwatch(group: number): void;
  /** Lets go of everything and ends the reaper. */
  close(): Promise<void>;
}

/**
 * Reads the list of living groups, one line per change, until its standard input closes: that happens with the
 * last breath of the process at the other end, SIGKILL included. A line cut short by that death does not count.
 */
const REAPER_SCRIPT = `
trap '' HUP INT TERM
while read -r line; do groups=$line; done
for group in $groups; do kill -s KILL -- "-$group"; done
`;

/**
 * A reaper that starts with the first group it watches: a POSIX shell in a session of its own, so that what kills
 * this process's whole group does not reach it. It costs about a megabyte, and the watched processes know nothing
 * of it.
 */
export function createOrphanReaper(): OrphanReaper {
  const groups = new Set<number>();
  let shell: ChildProcess | undefined;

  function startShell(): ChildProcess {
    const started = spawn('/bin/sh', ['-c', REAPER_SCRIPT], {
      cwd: '/',
      detached: true,
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const forget = () => {
      if (shell === started) shell = undefined;
    };
    // Whoever ended the shell also closed its input; the next change starts another one with the whole list.
    started.once('exit', forget).once('error', forget);
    started.stdin?.on('error', forget);
    started.unref();
    return started;
  }

  function tell(): void {
    if (shell === undefined && groups.size === 0) return;
    shell ??= startShell();
    shell.stdin?.write(`${[...groups].join(' ')}\n`);
  }

  return {
    watch(group) {
      groups.add(group);
      tell();
    },

    unwatch(group) {
      if (groups.delete(group)) tell();
    },

    async close() {
      groups.clear();
      tell();
      const closing = shell;
      if (closing === undefined) return;
      closing.ref();
      const exited = new Promise((resolve) => closing.once('exit', resolve).once('error', resolve));
      closing.stdin?.end();
      await exited;
    },
  };
}
