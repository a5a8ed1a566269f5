import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../real/process/command.ts';
import type { Kubectl } from '../kubectl.ts';
import { NODE_NAME } from '../names.ts';
import type { Programs } from '../programs/programs.ts';
import { type DaemonName, daemonCommands } from './commands.ts';
import { startDaemon } from './daemon.ts';
import type { NodeFiles } from './files.ts';

export interface DaemonsOptions {
  programs: Programs;
  files: NodeFiles;
  kubectl: Kubectl;
  /** Brings the images to containerd, before the first pod asks for them. */
  importImages(): Promise<void>;
}

/** Starts everything that a node runs besides pods, each part when what it needs serves. */
export async function startDaemons({ programs, files, kubectl, importImages }: DaemonsOptions): Promise<void> {
  const commands = daemonCommands(programs, files);
  const start = (name: DaemonName, probe?: () => Promise<unknown>) =>
    startDaemon({ name, command: commands[name], logFile: join(files.logs, `${name}.log`), ...(probe && { probe }) });

  const startRuntime = async () => {
    const ctr = ['--address', files.socket, 'version'];
    await start('containerd', () => runCommand('ctr', ctr, { install: 'install containerd' }));
    await importImages();
  };
  const startApi = async () => {
    await start('etcd', () => access(files.etcdSocket));
    await start('kube-apiserver', () => kubectl('get', '--raw', '/readyz'));
  };
  await Promise.all([startRuntime(), startApi()]);
  await Promise.all([
    start('kube-controller-manager', () => kubectl('get', 'serviceaccount', 'default')),
    start('kube-scheduler'),
    start('kubelet', () => kubectl('get', 'node', NODE_NAME)),
    start('kube-proxy'),
  ]);
}
