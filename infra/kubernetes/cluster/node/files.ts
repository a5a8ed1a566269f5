import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  readonly tokens: string;
  readonly kubeconfig: Readonly<Record<UserName, string>>;
  certificate(name: string): string;
}

export interface NodeFolders {
  /** Holds the sockets, whose paths must be short, and the files of the user. */
  run: string;
  /** Holds what grows: images, containers, logs. */
  data: string;
  pauseImage: string;
  pluginsFolder: string;
}

/** Writes the configuration of a new node, with keys and tokens of its own, readable by root only. */
export async function writeNodeFiles({ run, data, pauseImage, pluginsFolder }: NodeFolders): Promise<NodeFiles> {
  const [certificates, logs, networks] = ['certificates', 'logs', 'networks'].map((name) => join(data, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([certificates, logs, networks].map((folder) => mkdir(folder, { recursive: true })));
  const certificate = (name: string) => join(certificates, name);
  const write = async (path: string, text: string) => {
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  await createCertificates(certificates);
  const authority = await readFile(certificate('ca.crt'));
  const users = createUsers();
  const socket = clusterSocket(run);
  const resolvConf = await write(join(data, 'resolv.conf'), `nameserver ${DNS_SERVICE_ADDRESS}\n`);
  await write(join(networks, '10-pods.conflist'), podNetwork(join(data, 'addresses')));
  const kubeconfigOf = (name: UserName, folder = data) =>
    write(join(folder, name === 'admin' ? 'kubeconfig' : `${name}.kubeconfig`), kubeconfig(users[name], authority));
  return {
    socket,
    etcdSocket: join(run, 'etcd.sock'),
    etcd: join(data, 'etcd'),
    kubeletRoot: join(data, 'kubelet'),
    logs,
    certificate,
    containerd: await write(
      join(data, 'containerd.toml'),
      containerdConfiguration({
        folder: join(data, 'containerd'),
        socket,
        pauseImage,
        pluginsFolder,
        networksFolder: networks,
      }),
    ),
    kubelet: await write(
      join(data, 'kubelet.json'),
      kubeletConfiguration({ socket, certificateAuthority: certificate('ca.crt'), resolvConf }),
    ),
    tokens: await write(join(data, 'tokens.csv'), tokenFile(Object.values(users))),
    kubeconfig: {
      admin: await kubeconfigOf('admin', run),
      controllers: await kubeconfigOf('controllers'),
      scheduler: await kubeconfigOf('scheduler'),
      proxy: await kubeconfigOf('proxy'),
      kubelet: await kubeconfigOf('kubelet'),
    },
  };
}

/** Where containerd listens. */
export function clusterSocket(run: string): string {
  return join(run, 'containerd.sock');
}
