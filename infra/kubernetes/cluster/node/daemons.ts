import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../real/process/command.ts';
import { kubectlOf } from '../kubectl.ts';
import { API_PORT, NODE_ADDRESS, NODE_NAME, SERVICE_NETWORK } from '../names.ts';
import type { Programs } from '../programs/programs.ts';
import { startDaemon } from './daemon.ts';
import type { NodeFiles } from './files.ts';

/** Starts everything that a node runs besides pods, each part when what it needs serves. */
export async function startDaemons(
  programs: Programs,
  files: NodeFiles,
  onRuntime: () => Promise<void>,
): Promise<void> {
  const program = (name: string) => join(programs.kubernetes.folder, name);
  const start = (name: string, command: readonly string[], probe?: () => Promise<unknown>) =>
    startDaemon({ name, command, logFile: join(files.logs, `${name}.log`), ...(probe && { probe }) });

  const runtime = start('containerd', ['containerd', '--config', files.containerd], () => askContainerd(files)).then(
    onRuntime,
  );
  await start('etcd', [join(programs.etcd.folder, 'server'), ...etcdArguments(files)], () => access(files.etcdSocket));
  await start('kube-apiserver', [program('kube-apiserver'), ...apiServerArguments(files)], () =>
    kubectlOf(program('kubectl'), files.kubeconfig.admin)('get', '--raw', '/readyz'),
  );
  await runtime;
  const { controllers, scheduler, kubelet, proxy } = files.kubeconfig;
  await Promise.all([
    start('kube-controller-manager', [
      program('kube-controller-manager'),
      `--kubeconfig=${controllers}`,
      `--service-account-private-key-file=${files.certificate('accounts.key')}`,
      `--root-ca-file=${files.certificate('ca.crt')}`,
      '--use-service-account-credentials=true',
      '--leader-elect=false',
    ]),
    start('kube-scheduler', [program('kube-scheduler'), `--kubeconfig=${scheduler}`, '--leader-elect=false']),
    start('kubelet', [
      program('kubelet'),
      `--kubeconfig=${kubelet}`,
      `--config=${files.kubelet}`,
      `--node-ip=${NODE_ADDRESS}`,
      `--hostname-override=${NODE_NAME}`,
      `--root-dir=${files.kubeletRoot}`,
      `--cert-dir=${join(files.kubeletRoot, 'pki')}`,
    ]),
    start('kube-proxy', [
      program('kube-proxy'),
      `--kubeconfig=${proxy}`,
      `--hostname-override=${NODE_NAME}`,
      '--proxy-mode=iptables',
      // That limit is the whole machine's, not the namespace's.
      '--conntrack-max-per-core=0',
    ]),
  ]);
}

async function askContainerd({ socket }: NodeFiles): Promise<void> {
  await runCommand('ctr', ['--address', socket, 'version'], { install: 'install containerd' });
}

function etcdArguments({ etcd, etcdSocket }: NodeFiles): string[] {
  return [
    `--data-dir=${etcd}`,
    // Nothing of a cluster outlives it.
    '--unsafe-no-fsync',
    `--listen-client-urls=unix://${etcdSocket}`,
    '--advertise-client-urls=http://127.0.0.1:2379',
    '--listen-peer-urls=http://127.0.0.1:2380',
    '--log-level=warn',
  ];
}

function apiServerArguments(files: NodeFiles): string[] {
  return [
    `--etcd-servers=unix://${files.etcdSocket}`,
    `--bind-address=${NODE_ADDRESS}`,
    `--advertise-address=${NODE_ADDRESS}`,
    `--secure-port=${API_PORT}`,
    `--tls-cert-file=${files.certificate('api.crt')}`,
    `--tls-private-key-file=${files.certificate('api.key')}`,
    `--token-auth-file=${files.tokens}`,
    '--anonymous-auth=false',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--service-cluster-ip-range=${SERVICE_NETWORK}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${files.certificate('accounts.pub')}`,
    `--service-account-signing-key-file=${files.certificate('accounts.key')}`,
    `--kubelet-client-certificate=${files.certificate('kubelet.crt')}`,
    `--kubelet-client-key=${files.certificate('kubelet.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
  ];
}
