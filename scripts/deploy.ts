import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { deploy } from '../infra/kubernetes/deploy/deploy.ts';
import { kubectlFor } from '../infra/kubernetes/deploy/kubectl.ts';
import { overlayFolder } from '../infra/kubernetes/deploy/overlayFolder.ts';
import { wholeNumber } from '../infra/wholeNumber.ts';

const help = `Deploys the system to a cluster that has Knative, a Gateway API, and Kafka or Redpanda (infra/kubernetes/README.md).

usage: npm run deploy -- OVERLAY [options]    the name of a folder in infra/kubernetes/overlays, or a path

It looks first whether the cluster has what is needed, shows what would be created, changed and removed, asks, applies
stage by stage so that no event is lost, waits until each stage is ready, and prints the addresses. What an earlier
deployment has left over, by its label, it removes in the end; never secrets.

  --plan               only shows what would be done; changes nothing
  --diff               also shows what changes within objects
  --yes                does not ask; without a terminal it must be given
  --context NAME, --kubeconfig FILE
                       the cluster, else the kubeconfig's current one
  --timeout SECONDS    how long a stage may take (300)
  --prune-topics       also removes topics that the overlay no longer has, with the events in them
  --force-conflicts    takes over fields that somebody else has set, by kubectl edit for example

KUBECTL in the environment names another kubectl. With DATABASE_URL, the database's schema must be what this version wants.
Exits with 1, and nothing changed, where anything is in the way; with 1 also where a stage does not become ready.`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    plan: { type: 'boolean', default: false },
    diff: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    context: { type: 'string' },
    kubeconfig: { type: 'string' },
    timeout: { type: 'string', default: '300' },
    'prune-topics': { type: 'boolean', default: false },
    'force-conflicts': { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const [overlay, ...others] = positionals;
  if (overlay === undefined || others.length > 0) throw new Error('name one overlay; --help says more');
  const { KUBECTL = 'kubectl', DATABASE_URL } = process.env;
  await deploy({
    kubectl: kubectlFor({ program: KUBECTL, kubeconfig: values.kubeconfig, context: values.context }),
    folder: await overlayFolder(overlay),
    databaseUrl: DATABASE_URL,
    planOnly: values.plan,
    showDiff: values.diff,
    pruneTopics: values['prune-topics'],
    forceConflicts: values['force-conflicts'],
    timeoutMs: wholeNumber('timeout', values.timeout) * 1000,
    print: console.log,
    confirm,
  });
}

async function confirm(): Promise<boolean> {
  if (values.yes) return true;
  if (!process.stdin.isTTY) throw new Error('nothing was changed: there is no terminal to ask on, and no --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question('Do this? Only "yes" is one: ')).trim() === 'yes';
  } finally {
    terminal.close();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
