import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createOrphanReaper } from '../local/gateway/orphanReaper.ts';
import { freePort } from '../local/listen.ts';
import { type ClusterOptions, createCluster } from '../real/postgres/cluster.ts';
import { temporaryFolder } from '../real/temporaryFolder.ts';
import type { TestDatabase } from '../testing/database.ts';
import { cpuMs } from './processUsage.ts';

/** What further parts beside the server are started with: a folder, and what sees to their end. */
export interface Supervision {
  folder: string;
  supervise(name: string): Pick<ClusterOptions, 'logFile' | 'reaper' | 'onActivity'>;
}

/** Has `use` start parts in a folder, which is taken away with whatever of them is left. */
export async function withSupervision<Result>(use: (supervision: Supervision) => Promise<Result>): Promise<Result> {
  const folder = await temporaryFolder('evolution-todo-bench-');
  const reaper = createOrphanReaper();
  const supervise = (name: string) => ({ logFile: join(folder, `${name}.log`), reaper, onActivity: () => {} });
  try {
    return await use({ folder, supervise });
  } finally {
    await reaper.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Starts a Postgres server of its own, with its standard settings but for those that are given, has `use` use it as its
 * superuser, and takes it away.
 * @throws with what to install, where this machine has none
 */
export function withServer<Result>(
  use: (serverUrl: string, supervision: Supervision) => Promise<Result>,
  settings: Readonly<Record<string, string>> = {},
): Promise<Result> {
  return withSupervision(async (supervision) => {
    const cluster = await createCluster({
      folder: join(supervision.folder, 'postgres'),
      port: await freePort(),
      password: 'bench',
      settings,
      ...supervision.supervise('postgres'),
    });
    await cluster.start();
    return use(cluster.superuserUrl, supervision).finally(() => cluster.stop());
  });
}

/**
 * Begins to measure what Postgres computes for the clients of a database; what that returns resolves to the milliseconds
 * since then, of all its connections.
 */
export async function backendsComputing(database: Pick<TestDatabase, 'query'>): Promise<() => Promise<number>> {
  const perBackend = async () => {
    const backends = await database.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`,
    );
    return new Map(await Promise.all(backends.map(async ({ pid }) => [pid, (await cpuMs(pid)) ?? 0] as const)));
  };
  const before = await perBackend();
  return async () => {
    let computed = 0;
    for (const [pid, after] of await perBackend()) computed += after - (before.get(pid) ?? 0);
    return computed;
  };
}
