import { fileURLToPath } from 'node:url';
import type { OrphanReaper } from '../local/gateway/orphanReaper.ts';
import type { Activity } from '../local/platform.ts';
import type { Settings } from '../local/settings.ts';
import { createPart, type Part, type ReportPart } from '../real/process/part.ts';
import { startProcess } from '../real/process/process.ts';

export interface CoreOptions {
  /** Its ports must not be 0: a core that is started again is where it was. */
  settings: Settings;
  logFile: string;
  reaper: OrphanReaper;
  onActivity: (activity: Activity) => void;
  onPart: ReportPart;
}

const program = fileURLToPath(new URL('./coreProcess.ts', import.meta.url));
/** Some seconds are usual on a busy machine: the program is compiled, Postgres opened, the sidecar's log read. */
const START_TIMEOUT_MS = 60_000;
/** Functions are given ten seconds to end, the sidecar's deliveries five. */
const STOP_GRACE_MS = 30_000;

/**
 * The platform's own process as a part that is kept running: gateway, bridge and issuer, and what else the settings
 * leave to it. Functions are its children, and end with it.
 */
export function createCore({ settings, logFile, reaper, onActivity, onPart }: CoreOptions): Part {
  const variables = Object.entries(settings).flatMap(([name, value]) => {
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  let ready = false;
  return createPart({
    name: 'platform',
    logFile,
    stopSignal: 'SIGTERM',
    stopGraceMs: STOP_GRACE_MS,
    startTimeoutMs: START_TIMEOUT_MS,
    onActivity: onPart,
    launch() {
      ready = false;
      return startProcess({
        command: [process.execPath, '--import', import.meta.resolve('tsx'), program],
        env: { ...inherited('PATH', 'HOME', 'TMPDIR'), ...Object.fromEntries(variables) },
        logFile,
        reaper,
        onLine(line) {
          const message = parse(line);
          if (!message) return;
          if ('ready' in message) ready = true;
          else onActivity(message);
        },
      });
    },
    async probe() {
      if (!ready) throw new Error('it has not said that it serves');
    },
  });
}

function inherited(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** A line of the program; nothing for what it wrote when it was killed, or could not start. */
function parse(line: string): Activity | { ready: true } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
