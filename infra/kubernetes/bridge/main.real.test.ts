import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connect } from '../../../shared/store/database.ts';
import { createOrphanReaper } from '../../local/gateway/orphanReaper.ts';
import { freePort } from '../../local/listen.ts';
import { type Cluster, createCluster } from '../../real/postgres/cluster.ts';
import { temporaryFolder } from '../../real/temporaryFolder.ts';
import { startProgram } from '../testProgram.ts';

const reaper = createOrphanReaper();
let folder: string;
let postgres: Cluster;
beforeAll(async () => {
  folder = await temporaryFolder('bridge-');
  postgres = await createCluster({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    password: 'of the server',
    logFile: join(folder, 'postgres.log'),
    reaper,
    onActivity: () => {},
  });
  await postgres.start();
});
afterAll(async () => {
  await postgres.kill();
  await reaper.close();
  await rm(folder, { recursive: true, force: true });
});

test('serves functions as Neon does, only those with its password, until it is told to end', async () => {
  const port = await freePort();
  const { stop, exit } = startProgram('bridge', {
    DATABASE_URL: postgres.url,
    BRIDGE_PASSWORD: 'bridge',
    PORT: String(port),
  });
  const health = () => fetch(`http://127.0.0.1:${port}/healthz`);
  await vi.waitFor(async () => expect((await health()).status).toBe(200), { timeout: 20_000, interval: 100 });

  const fetchEndpoint = `http://127.0.0.1:${port}/sql`;
  const sql = connect({ url: 'postgres://any:bridge@any/any', fetchEndpoint });
  expect(await sql`select 1 + 1 as two`).toEqual([{ two: 2 }]);
  const stranger = connect({ url: 'postgres://any:guess@any/any', fetchEndpoint });
  await expect(stranger`select 1`).rejects.toThrow('password authentication failed');

  stop();
  expect(await exit).toEqual([0, null]);
});
