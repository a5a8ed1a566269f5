import { dirname } from 'node:path';
import { API_PORT, CGROUP, DNS_SERVICE_ADDRESS, NODE_ADDRESS, POD_NETWORK } from '../names.ts';
import type { NodeFiles, NodeOptions } from './files.ts';
import type { User } from './users.ts';

/** How a client finds the API server and whom it is there. JSON is YAML. */
export function kubeconfig({ token }: User, certificateAuthority: Buffer): string {
  const name = 'evolution-todo';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: `https://${NODE_ADDRESS}:${API_PORT}`,
          'certificate-authority-data': certificateAuthority.toString('base64'),
        },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}

/** Configures containerd 1.6 and 1.7, as Debian has them. */
export function containerdConfiguration(
  { containers, socket, podNetwork: network }: Pick<NodeFiles, 'containers' | 'socket' | 'podNetwork'>,
  { pauseImage, pluginsFolder }: NodeOptions,
): string {
  return `version = 2
root = "${containers}/root"
state = "${containers}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${containers}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE no pod starts otherwise.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${pluginsFolder}"
    conf_dir = "${dirname(network)}"
`;
}

/** The pods' network: a bridge. What they send elsewhere goes out as the node's own. */
export function podNetwork(addresses: string): string {
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'pods0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: addresses,
          ranges: [[{ subnet: POD_NETWORK }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}

export function kubeletConfiguration({
  socket,
  certificate,
  resolvConf,
}: Pick<NodeFiles, 'socket' | 'certificate' | 'resolvConf'>): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE_ADDRESS,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificate('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${CGROUP}`,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    // A developer's disk is often fuller than a node's may be, and images can't be fetched again.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    clusterDNS: [DNS_SERVICE_ADDRESS],
    clusterDomain: 'cluster.local',
    containerRuntimeEndpoint: `unix://${socket}`,
    resolvConf,
    // More than the usual 110: a burst may scale every function out at once.
    maxPods: 200,
  });
}
