import { runCommand } from '../../real/process/command.ts';

/** Makes the images of an archive known to the node. The same ones again are no error. */
export async function importImages(socket: string, archive: string): Promise<void> {
  await ctr(socket, 'images', 'import', archive);
}

/** Ends every container of the node and resolves when they are gone; their shims end with them. */
export async function endContainers(socket: string): Promise<void> {
  const tasks = (await ctr(socket, 'tasks', 'list', '--quiet')).split('\n').filter(Boolean);
  if (tasks.length > 0) await ctr(socket, 'tasks', 'delete', '--force', ...tasks);
}

function ctr(socket: string, ...args: string[]): Promise<string> {
  // The namespace that Kubernetes uses.
  const all = ['--address', socket, '--namespace', 'k8s.io', ...args];
  return runCommand('ctr', all, { install: 'install containerd (Debian: apt-get install containerd)' });
}
