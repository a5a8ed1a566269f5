import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import project from '../../../package.json' with { type: 'json' };
import type { FunctionDefinition } from '../../../shared/runtime/defineFunction.ts';
import { bundleAll } from '../../bundle/bundleAll.ts';
import { buildDaprd } from '../../real/daprd/build.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { importImages } from '../cluster/containerImages.ts';
import { deploy } from '../deploy/deploy.ts';
import { kubectlFor } from '../deploy/kubectl.ts';
import { makeImages, projectImages } from '../images/projectImages.ts';
import { schedulerImage } from '../images/schedulerImage.ts';
import { importDaprd } from './daprdImage.ts';
import type { Machine } from './machine.ts';
import { secretsOf } from './secrets.ts';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
/** For `kubectl apply -k`. */
export const OVERLAY = pathOf('../overlays/one-machine');
/** What the sidecar reads. */
export const DAPR_RESOURCES = pathOf('../../dapr');
const NAMESPACE = pathOf('../base/namespace.yaml');
/** What the overlay's images are called, before the last slash. */
const REPOSITORY = 'dev.local/evolution-todo';
/** A stage is eight functions at the most, each of which starts at zero. */
const STAGE_TIMEOUT_MS = 180_000;

/** Brings the images that the overlay names to the node: all of the project's own, and daprd's. */
export async function importAll(
  { socket }: Pick<Cluster, 'socket'>,
  functions: readonly FunctionDefinition[],
  onProgress: (step: string) => void,
): Promise<void> {
  const daprd = await buildDaprd(onProgress);
  const scheduler = await schedulerImage(onProgress);
  onProgress('bundling the functions, and making their images');
  await bundleAll();
  const folder = await mkdtemp(join(tmpdir(), 'images-'));
  try {
    await mkdir(join(folder, 'project'));
    const images = [...projectImages(functions), scheduler];
    const made = await makeImages({
      ...{ images, repository: REPOSITORY, version: project.version },
      folder: join(folder, 'project'),
      onProgress,
    });
    await importImages(socket, made.archive);
    await importDaprd(socket, daprd);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Makes the namespace and the Secrets that the overlay refers to. */
export async function makeSecrets({ kubectl, logs }: Cluster, machine: Machine): Promise<void> {
  await kubectl('apply', '-f', NAMESPACE);
  const file = join(logs, 'secrets.json');
  const list = { apiVersion: 'v1', kind: 'List', items: secretsOf(machine) };
  await writeFile(file, JSON.stringify(list), { mode: 0o600 });
  await kubectl('apply', '-f', file);
}

export interface OverlayOptions {
  cluster: Pick<Cluster, 'kubectlPath' | 'kubeconfig'>;
  machine: Pick<Machine, 'databaseUrl'>;
  /** An overlay on top of that for one machine. */
  folder: string;
  onProgress: (step: string) => void;
}

/** Deploys an overlay, as `npm run deploy` does, and resolves when everything in it is ready. */
export async function deployOverlay({ cluster, machine, folder, onProgress }: OverlayOptions): Promise<void> {
  await deploy({
    kubectl: kubectlFor({ program: cluster.kubectlPath, kubeconfig: cluster.kubeconfig }),
    folder,
    databaseUrl: machine.databaseUrl.owner,
    ...{ planOnly: false, showDiff: false, pruneTopics: false, forceConflicts: false },
    timeoutMs: STAGE_TIMEOUT_MS,
    print: (text) => onProgress(text.replace(/^… /, '')),
    confirm: async () => true,
  });
}
