import { type Kubectl, kubectlOf } from './kubectl.ts';
import { MACHINE_ADDRESS, NODE_ADDRESS, RUN_FOLDER } from './names.ts';
import { nodeFiles } from './node/files.ts';
import type { ClusterState } from './state.ts';

/** A cluster that runs on this machine. */
export interface Cluster {
  readonly kubectl: Kubectl;
  /** Paths of the program, of a kubeconfig with all rights, and of containerd's socket. */
  readonly kubectlPath: string;
  readonly kubeconfig: string;
  readonly socket: string;
  /** Where the public entry point listens. It tells Services apart by the Host header. */
  readonly gatewayUrl: string;
  /** This machine as pods see it: what listens on this address is reachable from them. */
  readonly machineAddress: string;
  /** Logs of the node's programs. */
  readonly logs: string;
}

/** How a cluster is used whose state was read. */
export function clusterOf({ kubectl, data }: ClusterState): Cluster {
  const { kubeconfig, socket, logs } = nodeFiles(RUN_FOLDER, data);
  return {
    kubectl: kubectlOf(kubectl, kubeconfig.admin),
    kubectlPath: kubectl,
    kubeconfig: kubeconfig.admin,
    socket,
    gatewayUrl: `http://${NODE_ADDRESS}`,
    machineAddress: MACHINE_ADDRESS,
    logs,
  };
}
