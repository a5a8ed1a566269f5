import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { SYSTEM } from '../../generate/knative.ts';
import { copyResources } from '../../real/daprd/resources.ts';
import { DAPR_RESOURCES, deployOverlay, OVERLAY, type OverlayOptions } from './deployment.ts';

/** What a deployment has beside what the overlay says. */
export interface Release {
  /** What the sidecar's cron bindings have for a schedule, by their names. */
  schedules: Readonly<Record<string, string>>;
  /** What the functions and the sidecar are told in place of what the overlay has. */
  settings?: Readonly<Record<string, string>> | undefined;
  /** Told to every function, each of which gets a new revision where it is another one. */
  name: string;
}

/** Deploys the overlay with that, as an engineer's own overlay would have it. */
export async function rollOut(
  { schedules, settings, name }: Release,
  options: Omit<OverlayOptions, 'folder'>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'overlay-'));
  try {
    await copyResources(DAPR_RESOURCES, join(folder, 'dapr'), schedules);
    const literals = Object.entries({ ...settings, RELEASE: name }).map((setting) => setting.join('='));
    const merged = { namespace: SYSTEM, behavior: 'merge' };
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [relative(folder, OVERLAY)],
      configMapGenerator: [
        { ...merged, name: SYSTEM, literals },
        { ...merged, name: `${SYSTEM}-dapr`, files: ['dapr/cron.yaml'] },
      ],
    };
    await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization));
    await deployOverlay({ ...options, folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}
