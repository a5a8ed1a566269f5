import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { SYSTEM } from '../../generate/knative.ts';
import { copyResources } from '../../real/daprd/resources.ts';
import { DAPR_RESOURCES, deployOverlay, OVERLAY, type OverlayOptions } from './deployment.ts';

/**
 * Rolls a new revision of everything out, as an upgrade does: each function gets another setting, and the sidecar other
 * files, in which the hourly cron comes each minute.
 */
export async function rollOut(options: Omit<OverlayOptions, 'folder'>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'overlay-'));
  try {
    await copyResources(DAPR_RESOURCES, join(folder, 'dapr'), { 'recurring-scheduler': '* * * * *' });
    const name = { namespace: SYSTEM, behavior: 'merge' };
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [relative(folder, OVERLAY)],
      configMapGenerator: [
        { ...name, name: SYSTEM, literals: ['RELEASE=2'] },
        { ...name, name: `${SYSTEM}-dapr`, files: ['dapr/cron.yaml'] },
      ],
    };
    await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization));
    await deployOverlay({ ...options, folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}
