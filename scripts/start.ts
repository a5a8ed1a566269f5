import { parseArgs } from 'node:util';
import { describeActivity } from '../infra/local/describeActivity.ts';
import { runInForeground } from '../infra/local/foreground.ts';
import { startPlatform } from '../infra/local/platform.ts';
import { readSettings } from '../infra/local/settings.ts';

const help = `Builds the functions and runs the whole system on this machine: embedded Postgres, Dapr sidecar, token issuer, and the
gateway that wakes functions and puts them to sleep. Prints one line per event, wake and sleep.

usage: npm start

Set by environment variables:
  API_PORT 8080, APP_PORT 8081, ISSUER_PORT 8082, DAPR_HTTP_PORT 3500, DATABASE_PORT 4444   where it listens (loopback)
  GATEWAY_HOST 127.0.0.1    the address that API_PORT and APP_PORT listen on; in a container, 0.0.0.0
  DATA_DIR .data            where everything is kept
  IDLE_SECONDS              a function not used for this long is stopped; left out, its Knative Service says
  DATABASE_URL              a Postgres server in place of the embedded one
  SMTP_HOST, SMTP_PORT 587, SMTP_USER, SMTP_PASSWORD, SMTP_FROM
                            an SMTP server for e-mails, and whom they are from; without one, each is shown as a line
  WEBHOOK_SECRETS_KEY       32 bytes in Base64 that webhooks' secrets are encrypted with, in place of a key that is kept here;
                            while it is replaced, the new key and behind a comma the one before
  WEBHOOK_ALLOW_PRIVATE_ADDRESSES
                            true or false: whether webhooks may go to http:// and private addresses; left out, they may
                            unless GATEWAY_HOST is set
  DAPR_HTTP_ENDPOINT        a Dapr sidecar in place of the embedded one, with DAPR_API_TOKEN and APP_API_TOKEN`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  console.log(help);
  process.exit();
}

try {
  const settings = readSettings(process.env);
  await runInForeground({
    print: console.log,
    start: ({ onProgress, onLine }) =>
      startPlatform({ settings, onProgress, onActivity: (activity) => onLine(describeActivity(activity)) }),
    addresses: ({ daprUrl, databaseEndpoint }) => ({
      Dapr: daprUrl,
      Postgres: `${databaseEndpoint} (SQL over HTTP)`,
      data: settings.DATA_DIR,
    }),
  });
} catch (error) {
  console.error(`\nCannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
