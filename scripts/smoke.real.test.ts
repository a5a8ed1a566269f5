import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../infra/local/listen.ts';
import { startRealPlatform } from '../infra/real/platform.ts';
import { readRealSettings } from '../infra/real/settings.ts';
import { inside } from '../infra/story/deployedWorld.ts';
import { schedules } from '../infra/story/schedules.ts';
import { runScript } from '../infra/testing/runScript.ts';
import { summaryWithout } from '../infra/testing/storySummary.ts';

/** daprd is built where it never was on this machine. */
const WITH_FIRST_START_MS = 20 * 60_000;
const token = fileURLToPath(new URL('./token.ts', import.meta.url));

test(
  'tells the story on Kafka, Postgres and daprd, as on a system of which only addresses are known',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-smoke-real-'));
    const issuerPort = String(await freePort());
    const variables = {
      ...{ API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: issuerPort },
      ...{ KAFKA_PORT: '0', POSTGRES_PORT: '0', DATA_DIR: dataDir },
    };
    const platform = await startRealPlatform({
      settings: readRealSettings(variables),
      schedules,
      onProgress: (step) => process.stderr.write(`… ${step}\n`),
      onActivity: () => {},
    });
    onTestFinished(async () => {
      await platform.close();
      await rm(dataDir, { recursive: true, force: true });
    });
    const port = await freePort();
    const options = {
      '--token-command': `"${process.execPath}" --import tsx "${token}" "$SMOKE_USER" --scope "$SMOKE_SCOPE"`,
      '--admin-url': platform.apiUrl,
      '--dapr-url': platform.daprUrl,
      '--receiver-url': `http://127.0.0.1:${port}/hook`,
      '--receiver-port': String(port),
    };
    const env = { DATA_DIR: join(dataDir, 'platform'), ISSUER_PORT: issuerPort, DAPR_API_TOKEN: platform.daprApiToken };
    const { code, stdout, stderr } = await runScript(
      'smoke',
      [platform.apiUrl, ...Object.entries(options).flat()],
      env,
    );
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`✔  ${summaryWithout(inside)}\n`);
  },
  WITH_FIRST_START_MS,
);
