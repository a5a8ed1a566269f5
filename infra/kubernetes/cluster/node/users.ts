import { randomBytes } from 'node:crypto';
import { NODE_NAME } from '../names.ts';

/** A user of the API server, known by a token. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly token: string;
}

/** Each part of a cluster has the rights that Kubernetes itself foresees for it, and no more. */
export type UserName = 'admin' | 'controllers' | 'scheduler' | 'proxy' | 'kubelet';

export function createUsers(): Record<UserName, User> {
  const user = (name: string, ...groups: string[]) => ({ name, groups, token: randomBytes(24).toString('hex') });
  return {
    admin: user('admin', 'system:masters'),
    controllers: user('system:kube-controller-manager'),
    scheduler: user('system:kube-scheduler'),
    proxy: user('system:kube-proxy'),
    kubelet: user(`system:node:${NODE_NAME}`, 'system:nodes'),
  };
}

/** The file that the API server reads (`--token-auth-file`). */
export function tokenFile(users: readonly User[]): string {
  return users.map(({ token, name, groups }) => `${token},${name},${name},"${groups.join(',')}"\n`).join('');
}
