import { join } from 'node:path';
import { API_PORT, NODE_ADDRESS, NODE_NAME, SERVICE_NETWORK } from '../names.ts';
import type { Programs } from '../programs/programs.ts';
import type { NodeFiles } from './files.ts';

/** What a node runs besides pods, by the names of the programs. */
export type DaemonName =
  | 'containerd'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy';

/** How each program is started. */
export function daemonCommands(
  { kubernetes, etcd }: Pick<Programs, 'kubernetes' | 'etcd'>,
  files: NodeFiles,
): Readonly<Record<DaemonName, readonly string[]>> {
  const program = (name: DaemonName) => join(kubernetes.folder, name);
  const { kubeconfig, certificate } = files;
  return {
    containerd: ['containerd', '--config', files.containerd],
    etcd: [
      join(etcd.folder, 'etcd'),
      `--data-dir=${files.etcd}`,
      // Nothing of a cluster outlives it.
      '--unsafe-no-fsync',
      `--listen-client-urls=unix://${files.etcdSocket}`,
      '--advertise-client-urls=http://127.0.0.1:2379',
      '--listen-peer-urls=http://127.0.0.1:2380',
      '--log-level=warn',
    ],
    'kube-apiserver': [program('kube-apiserver'), ...apiServerArguments(files)],
    'kube-controller-manager': [
      program('kube-controller-manager'),
      `--kubeconfig=${kubeconfig.controllers}`,
      `--service-account-private-key-file=${certificate('accounts.key')}`,
      `--root-ca-file=${certificate('ca.crt')}`,
      '--use-service-account-credentials=true',
      '--leader-elect=false',
    ],
    'kube-scheduler': [program('kube-scheduler'), `--kubeconfig=${kubeconfig.scheduler}`, '--leader-elect=false'],
    kubelet: [
      program('kubelet'),
      `--kubeconfig=${kubeconfig.kubelet}`,
      `--config=${files.kubelet}`,
      `--node-ip=${NODE_ADDRESS}`,
      `--hostname-override=${NODE_NAME}`,
      `--root-dir=${files.kubeletRoot}`,
      `--cert-dir=${join(files.kubeletRoot, 'pki')}`,
    ],
    'kube-proxy': [
      program('kube-proxy'),
      `--kubeconfig=${kubeconfig.proxy}`,
      `--hostname-override=${NODE_NAME}`,
      '--proxy-mode=iptables',
      // That limit is the whole machine's, not the namespace's.
      '--conntrack-max-per-core=0',
    ],
  };
}

function apiServerArguments({ etcdSocket, tokens, certificate }: NodeFiles): string[] {
  return [
    `--etcd-servers=unix://${etcdSocket}`,
    `--bind-address=${NODE_ADDRESS}`,
    `--advertise-address=${NODE_ADDRESS}`,
    `--secure-port=${API_PORT}`,
    `--tls-cert-file=${certificate('api.crt')}`,
    `--tls-private-key-file=${certificate('api.key')}`,
    `--token-auth-file=${tokens}`,
    '--anonymous-auth=false',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--service-cluster-ip-range=${SERVICE_NETWORK}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${certificate('accounts.pub')}`,
    `--service-account-signing-key-file=${certificate('accounts.key')}`,
    `--kubelet-client-certificate=${certificate('kubelet.crt')}`,
    `--kubelet-client-key=${certificate('kubelet.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
  ];
}
