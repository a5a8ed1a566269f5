import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withElapsed } from '../../real/cache/elapsed.ts';
import { type Cluster, clusterOf } from './cluster.ts';
import { importImages } from './containerImages.ts';
import type { Kubectl } from './kubectl.ts';
import { exclusively } from './lock.ts';
import { inPortions, readManifests } from './manifests/documents.ts';
import { RUN_FOLDER } from './names.ts';
import { createCgroups } from './node/cgroups.ts';
import { startDaemons } from './node/daemons.ts';
import { nodeFiles, writeNodeFiles } from './node/files.ts';
import { readKernelSettings } from './node/kernelSettings.ts';
import { createNetwork } from './node/network.ts';
import { buildPrograms, type Programs } from './programs/programs.ts';
import { requireNodeMachine } from './requirements.ts';
import { type ClusterState, readState, writeState } from './state.ts';
import { remainders, removeCluster } from './stop.ts';
import { type SystemImages, systemImages } from './systemImages.ts';

const ownManifests = fileURLToPath(new URL('./manifests/own', import.meta.url));

/**
 * Starts a Kubernetes node with Knative Serving, to outlive this process, and resolves when everything in it is
 * available. What an earlier start left that was broken off is removed first, and what this one left where it fails.
 * Rejects where a cluster runs already, or where the machine lacks something.
 */
export async function startCluster(onProgress: (step: string) => void): Promise<Cluster> {
  await requireNodeMachine();
  return exclusively(RUN_FOLDER, async () => {
    const state = await readState(RUN_FOLDER);
    if (state?.phase === 'running') throw new Error(`a cluster runs already, since ${state.since}`);
    const programs = await buildPrograms(onProgress);
    const images = await systemImages(programs, onProgress);
    if ((await remainders()).length > 0) {
      await withElapsed(onProgress, 'removing what a start left that was broken off', removeCluster);
    }
    try {
      return await startAll(programs, images, onProgress);
    } catch (error) {
      onProgress('removing what was started');
      const logs = await keepLogs();
      await removeCluster();
      throw new Error(`${(error as Error).message}\n(logs: ${logs})`, { cause: error });
    }
  });
}

async function startAll(programs: Programs, images: SystemImages, onProgress: (step: string) => void) {
  const data = await mkdtemp(join(tmpdir(), 'evolution-todo-cluster-'));
  const state: ClusterState = {
    phase: 'starting',
    data,
    since: new Date().toISOString(),
    kubectl: join(programs.kubernetes.folder, 'kubectl'),
    kernelSettings: await readKernelSettings(),
  };
  await writeState(RUN_FOLDER, state);
  const cluster = clusterOf(state);
  await withElapsed(onProgress, 'starting the node', () => startNode(programs, images, cluster, data));
  await withElapsed(onProgress, 'installing Knative Serving', () => install(cluster, programs, images, data));
  await withElapsed(onProgress, 'waiting until everything is available', () => untilAvailable(cluster.kubectl));
  await writeState(RUN_FOLDER, { ...state, phase: 'running', since: new Date().toISOString() });
  return cluster;
}

async function startNode(programs: Programs, images: SystemImages, { kubectl }: Cluster, data: string): Promise<void> {
  await createNetwork();
  await createCgroups();
  const files = nodeFiles(RUN_FOLDER, data);
  await writeNodeFiles(files, { pauseImage: images.nameOf('pause'), pluginsFolder: programs.cni.folder });
  await startDaemons({
    programs,
    files,
    kubectl,
    importImages: () => importImages(files.socket, images.archive),
  });
}

async function install({ kubectl }: Cluster, programs: Programs, images: SystemImages, data: string): Promise<void> {
  const folders = [programs.knative, programs.traefik].map(({ folder }) => join(folder, 'manifests'));
  const { definitions, objects } = inPortions(await readManifests([...folders, ownManifests]), images.nameOf);
  const files = [join(data, 'definitions.yaml'), join(data, 'objects.yaml')] as const;
  await Promise.all([writeFile(files[0], definitions), writeFile(files[1], objects)]);
  await kubectl('apply', '--server-side', '-f', files[0]);
  await kubectl('wait', '--for=condition=established', '--all', 'crd', '--timeout=60s');
  await kubectl('apply', '--server-side', '-f', files[1]);
}

async function untilAvailable(kubectl: Kubectl): Promise<void> {
  await kubectl('wait', '--for=condition=available', '--all', 'deployments', '--all-namespaces', '--timeout=300s');
}

/** Copies the logs of a cluster that could not be started to where they stay. */
async function keepLogs(): Promise<string> {
  const state = await readState(RUN_FOLDER);
  if (!state) return 'none';
  const kept = await mkdtemp(join(tmpdir(), 'evolution-todo-logs-'));
  await cp(clusterOf(state).logs, kept, { recursive: true }).catch(() => {});
  return kept;
}
