import { fileURLToPath } from 'node:url';
import type { OrphanReaper } from '../local/gateway/orphanReaper.ts';
import { issuerUrl, signToken } from '../local/issuer.ts';
import type { Activity, Platform } from '../local/platform.ts';
import { localSecrets } from '../local/secrets.ts';
import type { Settings } from '../local/settings.ts';
import { createPart, type Part, type ReportPart } from '../real/process/part.ts';
import { startProcess } from '../real/process/process.ts';

export interface CoreOptions {
  /** Its ports must not be 0: a core that is started again is where it was. */
  settings: Settings;
  /** Replaces the schedule of a cron binding of the embedded sidecar, by its name. */
  schedules?: Readonly<Record<string, string>>;
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
export function createCore({ settings, schedules = {}, logFile, reaper, onActivity, onPart }: CoreOptions): Part {
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
        env: {
          ...inherited('PATH', 'HOME', 'TMPDIR'),
          ...Object.fromEntries(variables),
          SCHEDULES: JSON.stringify(schedules),
        },
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

/** Starts a core, and says where it answers: its settings do, without asking it. What its functions do, its activities tell. */
export async function startCore(options: CoreOptions): Promise<{ core: Part; platform: Platform }> {
  const { settings } = options;
  const core = createCore(options);
  await core.start();
  const secrets = await localSecrets(settings.DATA_DIR);
  const platform: Platform = {
    apiUrl: `http://127.0.0.1:${settings.API_PORT}`,
    daprUrl: settings.DAPR_HTTP_ENDPOINT ?? `http://127.0.0.1:${settings.DAPR_HTTP_PORT}`,
    databaseEndpoint: `http://127.0.0.1:${settings.DATABASE_PORT}/sql`,
    token: (userId, scope) => signToken(secrets, issuerUrl(settings.ISSUER_PORT), userId, scope),
    running: () => [],
    sidecar: undefined,
    close: core.stop,
  };
  return { core, platform };
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
