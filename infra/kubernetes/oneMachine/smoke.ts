import { createServer } from 'node:http';
import { listen } from '../../local/listen.ts';
import type { knativeWorld } from '../../story/knativeWorld.ts';
import { runScript, type ScriptRun } from '../../testing/runScript.ts';

/** Prints the token that the identity provider at TOKENS_URL has for a user, as `curl` does, which not every machine has. */
const ASK = `fetch(process.env.TOKENS_URL + '/' + process.env.SMOKE_USER + '/' + process.env.SMOKE_SCOPE)
  .then((answer) => answer.text()).then(console.log)`;

/** Runs `npm run smoke` against the system on its cluster, as one of which only addresses are known. */
export async function runSmoke({
  api,
  admin,
  receiver,
  patienceMs,
  platform,
}: Awaited<ReturnType<typeof knativeWorld>>): Promise<ScriptRun> {
  const { machine, daprUrl } = platform;
  const provider = createServer(async ({ url = '' }, response) => {
    const [, user = '', scope] = url.split('/');
    response.end(await machine.token(user, scope || undefined));
  });
  const { url: tokensUrl, close } = await listen(provider, 0);
  const options = {
    '--host': `${api.headers.host}`,
    '--token-command': `"${process.execPath}" -e "${ASK}"`,
    '--admin-url': admin.url,
    '--dapr-url': daprUrl,
    '--receiver-url': receiver.url,
    '--receiver-host': receiver.host,
    '--receiver-port': String(receiver.port),
    '--patience': String(patienceMs / 1000),
  };
  const env = { TOKENS_URL: tokensUrl, DAPR_API_TOKEN: machine.secrets.daprApiToken };
  return runScript('smoke', [api.url, ...Object.entries(options).flat()], env).finally(close);
}
