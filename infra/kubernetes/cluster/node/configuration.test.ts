import { expect, it } from 'vitest';
import { daemonCommands } from './commands.ts';
import { containerdConfiguration, kubeconfig, kubeletConfiguration } from './configuration.ts';
import { nodeFiles } from './files.ts';

const files = nodeFiles('/run/x', '/data');
const built = { folder: '/cache', version: '1.0' };

it('lets nobody in who has no token, neither at the API server nor at the kubelet', () => {
  const { authentication, authorization } = JSON.parse(kubeletConfiguration(files));
  expect(authentication).toMatchObject({
    anonymous: { enabled: false },
    x509: { clientCAFile: '/data/certificates/ca.crt' },
  });
  expect(authorization.mode).toBe('Webhook');
  const commands = daemonCommands({ kubernetes: built, etcd: built }, files);
  expect(commands['kube-apiserver']).toEqual(
    expect.arrayContaining(['--anonymous-auth=false', '--authorization-mode=Node,RBAC']),
  );
});

it('starts no part but the clients of the admin as the admin', () => {
  const commands = daemonCommands({ kubernetes: built, etcd: built }, files);
  expect(Object.values(commands).flat()).not.toContain(`--kubeconfig=${files.kubeconfig.admin}`);
});

it('names the server, and holds the authority itself, in a kubeconfig', () => {
  const user = { name: 'admin', groups: [], token: 'secret' };
  const { clusters, users } = JSON.parse(kubeconfig(user, Buffer.from('certificate')));
  expect(clusters[0].cluster.server).toBe('https://10.200.0.2:6443');
  expect(Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64').toString()).toBe('certificate');
  expect(users[0].user.token).toBe('secret');
});

it('keeps everything of containerd in its own folder', () => {
  const text = containerdConfiguration(files, { pauseImage: 'dev.local/pause:1', pluginsFolder: '/cni' });
  expect(text).toContain('root = "/data/containerd/root"');
  expect(text).toContain('sandbox_image = "dev.local/pause:1"');
  expect(text).toContain('netns_mounts_under_state_dir = true');
});
