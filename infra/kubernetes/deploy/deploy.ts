import { addressOf, describeAddress } from './addresses.ts';
import { applyAll, removeAll } from './apply.ts';
import type { Kubectl } from './kubectl.ts';
import { render } from './objects.ts';
import { describePlan, planFor } from './plan.ts';
import { preflight, requireCluster } from './preflight.ts';
import { schemaProblem } from './schema.ts';

export interface DeployOptions {
  kubectl: Kubectl;
  /** The overlay. */
  folder: string;
  /** The database whose schema is looked at first; left out, it is not. */
  databaseUrl?: string | undefined;
  /** Stops after the plan. */
  planOnly: boolean;
  /** Also shows what changes within objects. */
  showDiff: boolean;
  pruneTopics: boolean;
  forceConflicts: boolean;
  /** How long each stage may take, in ms. */
  timeoutMs: number;
  /** Between two looks at what is not ready yet, in ms. */
  intervalMs?: number;
  print(text: string): void;
  /** Asks whether to go on; resolves to whether that was granted. */
  confirm(): Promise<boolean>;
}

/**
 * Deploys an overlay: looks, plans, asks, applies, waits, removes what is left over, and tells where everything is.
 * Rejects with everything that is in the way, before anything is changed, or with what did not come to be.
 */
export async function deploy(options: DeployOptions): Promise<void> {
  const { kubectl, folder, databaseUrl, pruneTopics, forceConflicts, print } = options;
  print(`… ${await requireCluster(kubectl)}`);
  const objects = await render(kubectl, folder);
  print(`… looking whether the cluster has what ${objects.length} objects need`);
  const schema = databaseUrl === undefined ? undefined : await schemaProblem(databaseUrl);
  const problems = [...(await preflight(kubectl, objects)), ...(schema === undefined ? [] : [schema])];
  if (problems.length > 0) {
    throw new Error(`nothing was changed:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
  if (databaseUrl === undefined)
    print('! the schema was not looked at, for want of DATABASE_URL: npm run migrate -- --list');

  const plan = await planFor(kubectl, objects, { pruneTopics, forceConflicts });
  if (options.showDiff && plan.diff) print(plan.diff);
  print(describePlan(plan));
  if (options.planOnly) return;
  if (plan.create.length + plan.change.length + plan.remove.length > 0 && !(await options.confirm())) {
    throw new Error('nothing was changed');
  }
  const onProgress = (step: string) => print(`… ${step}`);
  // Also where nothing changes: an earlier deployment may have been broken off, or may not be ready yet.
  await applyAll(kubectl, objects, { ...options, onProgress });
  await removeAll(kubectl, plan.remove, onProgress);

  const address = await addressOf(kubectl, objects);
  const namespace = objects.find(({ kind }) => kind === 'Namespace')?.metadata.name ?? 'default';
  print(address ? `\nEverything is up.\n\n${describeAddress(address, namespace)}` : '\nEverything is up.');
}
