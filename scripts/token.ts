import { parseArgs } from 'node:util';
import { issuerUrl, signToken } from '../infra/local/issuer.ts';
import { localSecrets } from '../infra/local/secrets.ts';
import { readSettings } from '../infra/local/settings.ts';

const help = `Prints a token of the local platform's issuer for a user, good for 12 hours.

usage: npm run -s token -- USER [--scope admin]    with the DATA_DIR and ISSUER_PORT of the platform, where they were set

  --scope admin    lets the user also see and replay the dead letters of everybody`;

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' }, scope: { type: 'string' } },
  allowPositionals: true,
});
const [userId, ...others] = positionals;
if (values.help || !userId || others.length > 0) {
  console.log(help);
  process.exit(values.help ? 0 : 1);
}
try {
  const { DATA_DIR, ISSUER_PORT } = readSettings(process.env);
  console.log(await signToken(await localSecrets(DATA_DIR), issuerUrl(ISSUER_PORT), userId, values.scope));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
