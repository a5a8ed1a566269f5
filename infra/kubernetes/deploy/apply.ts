import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '../rules/objects.ts';
import type { Kubectl } from './kubectl.ts';
import { logsOf } from './logs.ts';
import { describe, kindOf, listOf, parseObjects, type Reference, referenceOf } from './objects.ts';
import { FIELD_MANAGER } from './plan.ts';
import { lackOf } from './ready.ts';
import { stagesOf } from './stages.ts';

export interface ApplyOptions {
  onProgress(step: string): void;
  /** How long the objects of a stage may take, in ms. */
  timeoutMs: number;
  /** Between two looks; in ms. */
  intervalMs?: number;
  forceConflicts?: boolean;
}

/**
 * Applies objects, stage by stage, and waits until each is as it should be. Rejects with the first stage that does not
 * come to be: what its objects lack, and the last lines of their logs; the stages before it stay applied.
 */
export async function applyAll(kubectl: Kubectl, objects: readonly KubernetesObject[], options: ApplyOptions) {
  const { onProgress, forceConflicts } = options;
  for (const stage of stagesOf(objects)) {
    onProgress(stage.name);
    const force = forceConflicts ? ['--force-conflicts'] : [];
    await kubectl(
      ['apply', '--server-side', `--field-manager=${FIELD_MANAGER}`, ...force, '-f', '-'],
      listOf(stage.objects),
    );
    await ready(kubectl, stage.objects, options);
  }
}

async function ready(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { onProgress, timeoutMs, intervalMs = 2_000 }: ApplyOptions,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let told = '';
  for (;;) {
    const live = parseObjects(await kubectl(['get', '-f', '-', '-o', 'json'], listOf(objects)));
    const lacking = live.flatMap((object) => {
      const lack = lackOf(object);
      return lack === undefined ? [] : [{ reference: referenceOf(object as KubernetesObject), lack }];
    });
    const [first] = lacking;
    if (!first) return;
    if (Date.now() > deadline) throw new Error(await failure(kubectl, lacking, timeoutMs));
    const progress = `  ${live.length - lacking.length} of ${live.length}; ${describe(first.reference)}: ${first.lack}`;
    if (progress !== told) onProgress(progress);
    told = progress;
    await sleep(intervalMs);
  }
}

async function failure(
  kubectl: Kubectl,
  lacking: readonly { reference: Reference; lack: string }[],
  timeoutMs: number,
): Promise<string> {
  const reports = await Promise.all(
    lacking.map(async ({ reference, lack }) => `${describe(reference)}: ${lack}${await logsOf(kubectl, reference)}`),
  );
  return `not ready after ${timeoutMs / 1000} s:\n${reports.join('\n')}`;
}

/** Removes objects one after another, and waits until they are gone. What leads to others goes before them. */
export async function removeAll(
  kubectl: Kubectl,
  references: readonly Reference[],
  onProgress: ApplyOptions['onProgress'],
): Promise<void> {
  for (const reference of references) {
    onProgress(`removing ${describe(reference)}`);
    const { namespace, name } = reference;
    await kubectl(['delete', kindOf(reference), name, '-n', namespace, '--ignore-not-found']);
  }
}
