import { mkdir } from 'node:fs/promises';
import type { OrphanReaper } from '../../local/gateway/orphanReaper.ts';
import { worthReporting } from '../daprd/logLine.ts';
import { createPart, type Part, type ReportPart } from '../process/part.ts';
import { startProcess } from '../process/process.ts';

/** On loopback: of its API, its health, and of the etcd in it, for its client and its peers, which is itself alone. */
export interface SchedulerPorts {
  api: number;
  health: number;
  etcdClient: number;
  etcdPeer: number;
}

export interface SchedulerOptions {
  /** The program, as `buildScheduler` makes it. */
  program: string;
  /** Where it keeps its jobs; made when missing. */
  folder: string;
  ports: SchedulerPorts;
  logFile: string;
  reaper: OrphanReaper;
  onActivity: ReportPart;
}

const NAME = 'scheduler';
/** Its name among schedulers, of which it is the only one; its data belong to it under this name. */
const ID = 'scheduler-0';
/** A fifth of a second is usual. */
const START_TIMEOUT_MS = 30_000;
/** Some hundredths of a second are usual. */
const STOP_GRACE_MS = 10_000;
const PROBE_TIMEOUT_MS = 1_000;

/**
 * Dapr's scheduler, which keeps the jobs, on loopback only. It serves, by its health, some 0.2 s after its start. Jobs
 * it takes and lets come due 1 s later; after a kill only when its former self's lease is over, which takes 20 s.
 */
export async function createScheduler({ program, folder, ports, ...options }: SchedulerOptions): Promise<Part> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return createPart({
    name: NAME,
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    stopGraceMs: STOP_GRACE_MS,
    startTimeoutMs: START_TIMEOUT_MS,
    onActivity: options.onActivity,
    readLine: (line) => worthReporting(line, false),
    launch: () =>
      startProcess({
        command: [program, ...schedulerArguments(folder, ports)],
        env: {},
        logFile: options.logFile,
        reaper: options.reaper,
      }),
    async probe() {
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
      const response = await fetch(`http://127.0.0.1:${ports.health}/healthz`, { signal });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the scheduler's health check answers ${response.status}`);
    },
  });
}

/** Where a daprd finds it (`--scheduler-host-address`). */
export function schedulerAddress({ api }: SchedulerPorts): string {
  return `127.0.0.1:${api}`;
}

/** How the scheduler is started, with everything on loopback. */
function schedulerArguments(folder: string, ports: SchedulerPorts): string[] {
  return [
    ...['--id', ID, '--etcd-data-dir', folder],
    ...['--listen-address', '127.0.0.1', '--port', String(ports.api)],
    ...['--healthz-listen-address', '127.0.0.1', '--healthz-port', String(ports.health)],
    ...['--etcd-client-port', String(ports.etcdClient)],
    ...['--etcd-initial-cluster', `${ID}=http://127.0.0.1:${ports.etcdPeer}`],
    // It tells those who connect where it is; otherwise by the address that the machine has in its network.
    ...['--override-broadcast-host-port', schedulerAddress(ports)],
    '--enable-metrics=false',
    '--log-as-json',
  ];
}
