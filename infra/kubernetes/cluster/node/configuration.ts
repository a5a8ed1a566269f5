import { API_PORT, CGROUP, DNS_SERVICE_ADDRESS, NODE_ADDRESS, POD_NETWORK } from '../names.ts';
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

export interface ContainerdOptions {
  /** Where images and containers are kept, and what is mounted while they run. */
  folder: string;
  socket: string;
  pauseImage: string;
  pluginsFolder: string;
  networksFolder: string;
}

/** Configures containerd 1.6 and 1.7, as Debian has them. */
export function containerdConfiguration(options: ContainerdOptions): string {
  const { folder, socket, pauseImage, pluginsFolder, networksFolder } = options;
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE no pod starts otherwise.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${pluginsFolder}"
    conf_dir = "${networksFolder}"
`;
}

/** The pods' network: a bridge. What they send elsewhere goes out as the node's own. */
export function podNetwork(dataFolder: string): string {
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
          dataDir: dataFolder,
          ranges: [[{ subnet: POD_NETWORK }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}

export interface KubeletOptions {
  socket: string;
  certificateAuthority: string;
  resolvConf: string;
}

export function kubeletConfiguration({ socket, certificateAuthority, resolvConf }: KubeletOptions): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE_ADDRESS,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificateAuthority },
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
