import { runCommand } from '../../real/process/command.ts';

/** Runs kubectl and resolves to what it wrote; rejects with its own words where it fails. */
export type Kubectl = (...args: string[]) => Promise<string>;

/** The cluster's own kubectl, as the user of a kubeconfig. */
export function kubectlOf(program: string, kubeconfig: string): Kubectl {
  const install = 'start the cluster again: its programs have been removed from the cache';
  return (...args) => runCommand(program, ['--kubeconfig', kubeconfig, ...args], { install });
}
