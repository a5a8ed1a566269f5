import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DNS_SERVICE_ADDRESS } from '../names.ts';
import { createCertificates } from './certificates.ts';
import { containerdConfiguration, kubeconfig, kubeletConfiguration, podNetwork } from './configuration.ts';
import { createUsers, tokenFile, type UserName } from './users.ts';

/** Where everything of a node is. */
export interface NodeFiles {
  readonly socket: string;
  readonly etcdSocket: string;
  readonly etcd: string;
  readonly kubeletRoot: string;
  readonly logs: string;
  /** Configuration of the programs with that name. */
  readonly containerd: string;
  readonly kubelet: string;
  /** What containerd keeps and mounts. */
  readonly containers: string;
  /** Configuration of the pods' network, and what addresses are given out in it. */
  readonly podNetwork: string;
  readonly addresses: string;
  readonly resolvConf: string;
  readonly tokens: string;
  readonly kubeconfig: Readonly<Record<UserName, string>>;
  certificate(name: string): string;
}

/**
 * Paths in the two folders of a node: `run` holds the sockets, whose paths must be short, and what the user needs,
 * `data` what grows.
 */
export function nodeFiles(run: string, data: string): NodeFiles {
  return {
    socket: join(run, 'containerd.sock'),
    etcdSocket: join(run, 'etcd.sock'),
    etcd: join(data, 'etcd'),
    kubeletRoot: join(data, 'kubelet'),
    logs: join(data, 'logs'),
    containerd: join(data, 'containerd.toml'),
    kubelet: join(data, 'kubelet.json'),
    containers: join(data, 'containerd'),
    podNetwork: join(data, 'networks/10-pods.conflist'),
    addresses: join(data, 'addresses'),
    resolvConf: join(data, 'resolv.conf'),
    tokens: join(data, 'tokens.csv'),
    kubeconfig: {
      admin: join(run, 'kubeconfig'),
      controllers: join(data, 'controllers.kubeconfig'),
      scheduler: join(data, 'scheduler.kubeconfig'),
      proxy: join(data, 'proxy.kubeconfig'),
      kubelet: join(data, 'kubelet.kubeconfig'),
    },
    certificate: (name) => join(data, 'certificates', name),
  };
}

export interface NodeOptions {
  pauseImage: string;
  /** Where the programs are that give pods their network. */
  pluginsFolder: string;
}

/** Writes the configuration of a new node, with keys and tokens of its own, readable by its owner only. */
export async function writeNodeFiles(files: NodeFiles, { pauseImage, pluginsFolder }: NodeOptions): Promise<void> {
  const write = (path: string, text: string) => writeFile(path, text, { mode: 0o600 });
  const authority = files.certificate('ca.crt');
  const folders = [dirname(authority), files.logs, dirname(files.podNetwork)];
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  await createCertificates(dirname(authority));

  const users = createUsers();
  await write(files.tokens, tokenFile(Object.values(users)));
  const certificate = await readFile(authority);
  for (const name of Object.keys(users) as UserName[]) {
    await write(files.kubeconfig[name], kubeconfig(users[name], certificate));
  }
  await write(files.resolvConf, `nameserver ${DNS_SERVICE_ADDRESS}\n`);
  await write(files.podNetwork, podNetwork(files.addresses));
  await write(files.kubelet, kubeletConfiguration(files));
  await write(files.containerd, containerdConfiguration(files, { pauseImage, pluginsFolder }));
}
