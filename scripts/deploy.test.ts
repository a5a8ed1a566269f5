import { expect, onTestFinished, test, vi } from 'vitest';
import { clusterWithProgram, emptyCluster, smallSystem } from '../infra/kubernetes/deploy/testCluster.ts';
import { runScript } from '../infra/testing/runScript.ts';

/** Each call of kubectl is a process of its own. */
vi.setConfig({ testTimeout: 180_000 });

async function deploy(state: ReturnType<typeof emptyCluster>, ...options: string[]) {
  const cluster = await clusterWithProgram(state);
  onTestFinished(cluster.remove);
  const environment = { KUBECTL: cluster.program, DATABASE_URL: undefined };
  const run = await runScript('deploy', ['redpanda-neon', ...options], environment);
  return { ...run, calls: await cluster.calls() };
}

test('it deploys by the kubectl and to the cluster that it is told of', async () => {
  const { code, stderr, stdout, calls } = await deploy(emptyCluster(), '--yes', '--context=test', '--kubeconfig=/k');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Everything is up.');
  expect(calls.every(({ args }) => args[0] === '--kubeconfig=/k' && args[1] === '--context=test')).toBe(true);
  expect(calls.find(({ args }) => args.includes('kustomize'))?.args.at(-1)).toMatch(/overlays\/redpanda-neon$/);
});

test('a change is not made without a terminal to ask on, or a yes', async () => {
  const state = { ...emptyCluster(), objects: smallSystem().slice(1) };
  const { code, stderr, stdout, calls } = await deploy(state);
  expect(stdout).toContain(`1 to create, 0 to change, 0 to remove, ${state.objects.length} as they should be`);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'nothing was changed: there is no terminal to ask on, and no --yes\n',
  });
  expect(calls.some(({ args }) => args.includes('apply'))).toBe(false);
});

test.each([
  { args: [], says: 'name one overlay' },
  { args: ['redpanda-noen'], says: /there is no overlay redpanda-noen: name a folder, or one of .*redpanda-neon/ },
  { args: ['redpanda-neon', '--timeout', 'soon'], says: '--timeout takes a whole number' },
  { args: ['redpanda-neon'], says: '/nowhere/kubectl is missing: install kubectl, or name it by KUBECTL' },
])('$args says what to do: $says', async ({ args, says }) => {
  const { code, stderr } = await runScript('deploy', args, { KUBECTL: '/nowhere/kubectl' });
  expect(code).toBe(1);
  expect(stderr).toMatch(says);
});
