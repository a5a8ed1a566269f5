import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { issuerUrl, signToken } from '../infra/local/issuer.ts';
import { freePort } from '../infra/local/listen.ts';
import { localSecrets } from '../infra/local/secrets.ts';
import { readSettings } from '../infra/local/settings.ts';
import { send } from '../infra/story/call.ts';
import { chapters } from '../infra/story/chapters.ts';
import { noteCreated } from '../infra/story/cleanUp.ts';
import { type Deployed, deployedWorld, lackOfDeployed } from '../infra/story/deployedWorld.ts';
import { tell, timeline } from '../infra/story/tell.ts';
import { tokensByCommand } from '../infra/story/tokenCommand.ts';
import type { Endpoint, World } from '../infra/story/world.ts';
import { wholeNumber } from '../infra/wholeNumber.ts';

/** Chapters that wait for a minute's cron wait together; more at once only start more functions than a small node holds. */
const CHAPTERS_AT_ONCE = 6;
/** What answers at all answers within this, from zero too; in ms. */
const FIRST_ANSWER_MS = 30_000;

const help = `Tells the demo's story against a system that runs already: what is created there wakes what it should. Says what it
skips, and for want of what; exits with 0 only if no chapter failed. Chapters with users of their own are told side by side,
each line with its chapter's number.

usage: npm run smoke                    the local platform, of "npm start"; with DATA_DIR=.data/real/platform of start:real
       npm run smoke -- URL [options]   a deployed system, at the API's address

  --token-command CMD  prints a token for the user $SMOKE_USER, with the scope $SMOKE_SCOPE where that is not empty; run by
                       the shell, once for each user. Without it, TOKEN in the environment is the one of a user who is
                       there already: chapters that would change that user's preferences are skipped
  --host NAME          the API's host name, where URL has an address for want of DNS; by TLS too
  --admin-url URL      where operators' functions (/admin/…) answer, such as a port that is forwarded to daprd's router; with
                       the token that --token-command prints for the scope admin, or else ADMIN_TOKEN
  --dapr-url URL       the sidecar's API, with the token DAPR_API_TOKEN: events are published by it, and the API is invoked.
                       With --admin-url too, one dead letter is made that stays, and may raise an alert
  --receiver-url URL   where functions reach a receiver of webhooks that listens here, on --receiver-host (127.0.0.1) and
                       --receiver-port (8090)
  --patience SECONDS   how long to wait for anything (150: crons tick each minute, and functions start from zero)
  --keep               deletes nothing of what was created

Its users are new with each run (alice-1f2e3d4c). What they create is deleted in the end. What the API cannot delete
(notifications, deliveries, statistics) stays until npm run delete-user. A private CA is named by NODE_EXTRA_CA_CERTS.`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    'token-command': { type: 'string' },
    host: { type: 'string' },
    'admin-url': { type: 'string' },
    'dapr-url': { type: 'string' },
    'receiver-url': { type: 'string' },
    'receiver-host': { type: 'string', default: '127.0.0.1' },
    'receiver-port': { type: 'string', default: '8090' },
    patience: { type: 'string', default: '150' },
    keep: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

type Target = Omit<Deployed, 'patienceMs' | 'runId'>;

/** The platform that runs on this machine, whose secrets are in its data folder. */
async function localTarget(): Promise<Target> {
  const { API_PORT, DAPR_HTTP_PORT, DAPR_HTTP_ENDPOINT, DAPR_API_TOKEN, DATA_DIR, ISSUER_PORT } = readSettings(
    process.env,
  );
  const secrets = await localSecrets(DATA_DIR);
  const tokenOf = (userId: string, scope?: string) => signToken(secrets, issuerUrl(ISSUER_PORT), userId, scope);
  const url = `http://127.0.0.1:${API_PORT}`;
  const port = await freePort();
  return {
    api: { url, headers: {} },
    tokens: { of: tokenOf },
    admin: operators(url, await tokenOf('operator', 'admin')),
    dapr: {
      url: DAPR_HTTP_ENDPOINT ?? `http://127.0.0.1:${DAPR_HTTP_PORT}`,
      apiToken: DAPR_API_TOKEN ?? secrets.daprApiToken,
    },
    receiver: { host: '127.0.0.1', port, url: `http://127.0.0.1:${port}/hook` },
  };
}

/** The system that the options tell of. */
async function deployedTarget(address: string): Promise<Target> {
  const { TOKEN, ADMIN_TOKEN, DAPR_API_TOKEN } = process.env;
  const { host, 'token-command': command, 'admin-url': adminUrl, 'dapr-url': daprUrl } = values;
  const tokenOf = command === undefined ? undefined : tokensByCommand(command);
  const adminToken = adminUrl && (ADMIN_TOKEN ?? (await tokenOf?.('operator', 'admin')));
  if (!tokenOf && !TOKEN) throw new Error('say how to get a token for each user (--token-command), or set TOKEN');
  if (adminUrl && !adminToken) throw new Error('--admin-url needs ADMIN_TOKEN, or --token-command to get one');
  if (daprUrl && !DAPR_API_TOKEN) throw new Error('--dapr-url needs DAPR_API_TOKEN, which the sidecar asks for');
  return {
    api: { url: baseUrl('URL', address), headers: host ? { host } : {} },
    tokens: tokenOf ? { of: tokenOf } : { only: TOKEN ?? '' },
    admin: adminUrl && adminToken ? operators(baseUrl('--admin-url', adminUrl), adminToken) : undefined,
    dapr: daprUrl && DAPR_API_TOKEN ? { url: baseUrl('--dapr-url', daprUrl), apiToken: DAPR_API_TOKEN } : undefined,
    receiver: values['receiver-url'] ? receiver(values['receiver-url']) : undefined,
  };
}

function operators(url: string, token: string): Endpoint {
  return { url, headers: { authorization: `Bearer ${token}` } };
}

function receiver(url: string) {
  const port = wholeNumber('receiver-port', values['receiver-port']);
  return { host: values['receiver-host'], port, url: baseUrl('--receiver-url', url) };
}

/** A URL without the slash at its end. */
function baseUrl(what: string, text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
  throw new Error(`${what}: ${text} is no http:// or https:// URL`);
}

async function requireApi({ api }: World): Promise<void> {
  const { status } = await send(api, { path: '/openapi.json' }, FIRST_ANSWER_MS);
  if (status === 200) return;
  throw new Error(`${api.url}/openapi.json answered ${status}: is that the API, and --host its name?`);
}

async function main(): Promise<number> {
  const [address, ...others] = positionals;
  if (others.length > 0) throw new Error('name one URL; --help says more');
  const target = address === undefined ? await localTarget() : await deployedTarget(address);
  const patienceMs = wholeNumber('patience', values.patience) * 1000;
  const runId = randomBytes(4).toString('hex');
  const { onCreated, deleteAll } = noteCreated();
  const world = { ...deployedWorld({ ...target, patienceMs, runId }), onCreated };
  await requireApi(world);

  const say = timeline(console.log);
  const end = async () => {
    if (!values.keep) for (const failure of await deleteAll(world)) say('!', `could not be deleted: ${failure}`);
    console.log(`\n${whatStays(world.userIds(), 'of' in target.tokens)}`);
  };
  process.once('SIGINT', () => {
    say('!', values.keep ? 'stopping' : 'stopping, and deleting what was created (again to stop at once)');
    process.once('SIGINT', () => process.exit(130));
    void end().finally(() => process.exit(130));
  });
  say(' ', `run ${runId} against ${target.api.url}`);
  const { failed } = await tell(chapters, world, {
    say,
    lack: (capability) => lackOfDeployed[capability],
    atOnce: world.newUsers ? CHAPTERS_AT_ONCE : 1,
  });
  await end();
  return failed === 0 ? 0 : 1;
}

function whatStays(userIds: readonly string[], ownUsers: boolean): string {
  if (!ownUsers) return `Notifications, deliveries and statistics of what was created stay with ${userIds.join()}.`;
  return `What the API cannot delete of the run's users goes by this, as the owner of the database that DATABASE_URL names:
  for user in ${userIds.join(' ')}; do npm run delete-user -- $user --yes; done`;
}

if (values.help) {
  console.log(help);
} else {
  // A request that is still under way, of a chapter that gave up, is not worth waiting for.
  main().then(process.exit, (error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
}
