import { parseArgs } from 'node:util';
import { runInForeground } from '../infra/local/foreground.ts';
import { describeRealActivity } from '../infra/real/describeActivity.ts';
import { type RealPlatform, startRealPlatform } from '../infra/real/platform.ts';
import { type RealSettings, readRealSettings } from '../infra/real/settings.ts';

const help = `Builds the functions and runs the whole system on this machine with the real parts: Apache Kafka, a Postgres server
and daprd, beside the same gateway, token issuer and Neon bridge as "npm start". Prints one line per event, wake and
sleep.

usage: npm run start:real

It needs Go 1.26.4, Java 17, Maven and the Postgres server 14, or later ones. The first run builds daprd (about five
minutes) and fetches Kafka; both are kept in ~/.cache/evolution-todo (XDG_CACHE_HOME) for later ones.

Set by environment variables:
  API_PORT 8080, APP_PORT 8081, ISSUER_PORT 8082, DAPR_HTTP_PORT 3500, DATABASE_PORT 4444, KAFKA_PORT 9092,
  POSTGRES_PORT 5433        where it listens (loopback)
  DATA_DIR .data/real       where everything is kept, logs too
  IDLE_SECONDS              a function not used for this long is stopped; left out, its Knative Service says
  DATABASE_URL              a Postgres server in place of one of our own
  SMTP_HOST, SMTP_PORT 587, SMTP_USER, SMTP_PASSWORD, SMTP_FROM
                            an SMTP server for e-mails, and whom they are from; without one, each is shown as a line
  WEBHOOK_SECRETS_KEY       32 bytes in Base64 that webhooks' secrets are encrypted with, in place of a key that is kept here;
                            while it is replaced, the new key and behind a comma the one before
  WEBHOOK_ALLOW_PRIVATE_ADDRESSES
                            true or false: whether webhooks may go to http:// and private addresses; left out, they may`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  console.log(help);
  process.exit();
}

try {
  const settings = readRealSettings(process.env);
  await runInForeground({
    print: console.log,
    start: ({ onProgress, onLine }) =>
      startRealPlatform({ settings, onProgress, onActivity: (activity) => onLine(describeRealActivity(activity)) }),
    addresses: (platform) => ({
      Dapr: platform.daprUrl,
      Kafka: platform.brokers,
      Postgres: `${platform.databaseEndpoint} (SQL over HTTP), on ${serverAddress(platform, settings)}`,
      data: settings.DATA_DIR,
    }),
  });
} catch (error) {
  console.error(`\nCannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

/** Host, port and database of the server, without user and password. */
function serverAddress({ postgres }: RealPlatform, { DATABASE_URL }: RealSettings): string {
  const { host, pathname } = new URL(postgres?.url ?? DATABASE_URL ?? '');
  return `${host}${pathname}`;
}
