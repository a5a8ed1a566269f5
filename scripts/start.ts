import { parseArgs } from 'node:util';
import { bundleAll } from '../infra/bundle/bundleAll.ts';
import { describeActivity } from '../infra/local/describeActivity.ts';
import { type Platform, startPlatform } from '../infra/local/platform.ts';
import { readSettings, type Settings } from '../infra/local/settings.ts';

const help = `Builds the functions and runs the whole system on this machine: embedded Postgres, Dapr sidecar, token issuer, and the
gateway that wakes functions and puts them to sleep. Prints one line per event, wake and sleep.

usage: npm start

Set by environment variables:
  API_PORT 8080, APP_PORT 8081, ISSUER_PORT 8082, DAPR_HTTP_PORT 3500, DATABASE_PORT 4444   where it listens (loopback)
  DATA_DIR .data            where everything is kept
  IDLE_SECONDS 30           a function not used for this long is stopped
  DATABASE_URL              a Postgres server in place of the embedded one
  DAPR_HTTP_ENDPOINT        a Dapr sidecar in place of the embedded one, with DAPR_API_TOKEN and APP_API_TOKEN`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  console.log(help);
  process.exit();
}

try {
  const settings = readSettings(process.env);
  say('building the functions');
  await bundleAll();
  const platform = await startPlatform({
    settings,
    onProgress: say,
    onActivity(activity) {
      const line = describeActivity(activity);
      if (line) console.log(`${new Date().toISOString().slice(11, 23)}  ${line}`);
    },
  });
  stopOnSignal(platform);
  await greet(platform, settings);
} catch (error) {
  console.error(`\nCannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

function say(step: string): void {
  console.log(`… ${step}`);
}

async function greet(platform: Platform, settings: Settings): Promise<void> {
  const token = await platform.token('demo');
  console.log(`
Evolution Todo is running. Nothing else is: functions wake when they are called.

  API       ${platform.apiUrl}
  Dapr      ${platform.daprUrl}
  Postgres  ${platform.databaseEndpoint} (SQL over HTTP)
  data      ${settings.DATA_DIR}

A token for the user "demo", good for 12 hours, and a first task:

  TOKEN=${token}

  curl -s ${platform.apiUrl}/tasks -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"title":"Buy milk"}'
  curl -s ${platform.apiUrl}/notifications -H "authorization: Bearer $TOKEN"

Ctrl-C stops it. What happens from here on:
`);
}

function stopOnSignal(platform: Platform): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(130);
    stopping = true;
    console.log('\n… stopping (again to stop at once)');
    await platform.close();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
}
