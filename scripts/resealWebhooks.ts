import { parseArgs } from 'node:util';
import { openAsOwner } from '../infra/local/postgres/openAsOwner.ts';
import { readSettings } from '../infra/local/settings.ts';
import { resealWebhooks } from '../infra/webhookSecrets/reseal.ts';
import { webhookSecretsKeys } from '../shared/channels/settings.ts';

const help = `Encrypts the webhooks' secrets with the first of the keys that were encrypted with another one.

usage: DATABASE_URL=postgres://user:password@host/database WEBHOOK_SECRETS_KEY=NEW,OLD npm run reseal-webhooks
       WEBHOOK_SECRETS_KEY=NEW,OLD npm run reseal-webhooks    the local platform's embedded Postgres (DATA_DIR), which
                                                              must be stopped

How a key is replaced: put the new one before the old one, with a comma between them, into what the functions are given;
once no function runs that was started before that, run this; then take the old key away.
The role must own the database's tables. The system may go on working. Broken off, it can be run again. Nothing that was
encrypted with any of the keys is lost; a secret that none of them decrypts stays as it is, and is named by its webhook's
id: its user has to rotate it. Exits with 1 when there is such a one, or when anything fails.`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) return console.log(help);
  const settings = readSettings(process.env);
  if (!settings.WEBHOOK_SECRETS_KEY) throw new Error('WEBHOOK_SECRETS_KEY is not set; --help says more');
  const keys = webhookSecretsKeys.parse(settings.WEBHOOK_SECRETS_KEY);
  const engine = await openAsOwner(settings);
  try {
    const { resealed, unreadable } = await resealWebhooks(engine, keys, (seen) => console.error(`… ${seen} webhooks`));
    for (const id of unreadable) console.log(`Not readable with any of the keys: webhook ${id}.`);
    console.log(`Done: ${resealed} ${resealed === 1 ? 'webhook' : 'webhooks'} encrypted with the first key.`);
    if (unreadable.length > 0) process.exitCode = 1;
  } finally {
    await engine.close();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
