import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { KubernetesObject } from '../rules/objects.ts';

const source = fileURLToPath(new URL('./fakeKubectlProgram.ts', import.meta.url));
const labels = { 'app.kubernetes.io/part-of': 'evolution-todo' };
const namespace = 'evolution-todo';

/** An object of a cluster, as much of it as matters here. */
export interface TestObject extends KubernetesObject {
  metadata: KubernetesObject['metadata'] & { ownerReferences?: object[] };
}

/** A cluster that `fakeKubectl.ts` stands for. */
export interface ClusterState {
  server: { major: string; minor: string; gitVersion: string } | null;
  /** What the overlay renders to. */
  rendered: KubernetesObject[];
  /** What the cluster has of it, and what others have left there. */
  objects: TestObject[];
  /** Lines of `kubectl get customresourcedefinitions`, as the preflight asks for them. */
  definitions: string[];
  /** Keys of the Secrets, by namespace and name. */
  secrets: Record<string, string[]>;
  /** Whether GatewayClasses are accepted, by name. */
  classes: Record<string, string>;
  /** Lines of `kubectl get storageclasses`, as the preflight asks for them. */
  storageClasses: string[];
  /** Namespaces and Services of others. */
  around: string[];
  /** What runs, and refers to others by name. */
  running: object[];
  pods: object[];
  logs: string;
  /** Statuses of objects that do not become ready, by name. */
  stuck: Record<string, object>;
  conflict: boolean;
}

/** How kubectl was called, and the names of what it applied. */
export interface Call {
  args: string[];
  applied: string[];
}

/** One object of the system. */
export function object(apiVersion: string, kind: string, name: string, more: object = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace, labels }, ...more };
}

const container = (image: string, env: object[] = []) => ({
  template: { spec: { containers: [{ name: 'c', image, env }] } },
});
const secret = (name: string, key: string, optional = false) => ({
  name: key,
  valueFrom: { secretKeyRef: { name, key, ...(optional && { optional }) } },
});

/** A function that reads two keys of a Secret. */
export function functionOf(name: string, image = `registry.test/${name}:1.0.0`): KubernetesObject {
  const env = [secret('evolution-todo', 'DATABASE_URL'), secret('evolution-todo', 'APP_API_TOKEN')];
  return object('serving.knative.dev/v1', 'Service', name, { spec: container(image, env) });
}

const gateway = 'gateway.networking.k8s.io/v1';

/** A small system with one object of each kind that matters. */
export function smallSystem(): KubernetesObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    object('v1', 'ConfigMap', 'evolution-todo-2222222222'),
    functionOf('create-task'),
    functionOf('get-task'),
    object('apps/v1', 'Deployment', 'daprd', {
      spec: container('daprio/daprd:1.18.1', [secret('evolution-todo-dapr', 'SMTP_HOST', true)]),
    }),
    object('apps/v1', 'Deployment', 'scheduler', { spec: container('registry.test/scheduler:1.0.0') }),
    object('v1', 'PersistentVolumeClaim', 'scheduler', { spec: { accessModes: ['ReadWriteOnce'] } }),
    object('apps/v1', 'Deployment', 'postgres-bridge', { spec: container('registry.test/bridge:1.0.0') }),
    {
      ...object('kafka.strimzi.io/v1', 'KafkaTopic', 'tasks'),
      metadata: { name: 'tasks', namespace: 'kafka', labels },
    },
    object(gateway, 'Gateway', 'evolution-todo', {
      spec: {
        gatewayClassName: 'eg',
        listeners: [
          {
            hostname: 'todo.test',
            port: 443,
            protocol: 'HTTPS',
            tls: { certificateRefs: [{ name: 'evolution-todo-tls' }] },
          },
        ],
      },
    }),
    object(gateway, 'HTTPRoute', 'create-task', {
      spec: { rules: [{ backendRefs: [{ namespace: 'kourier-system', name: 'kourier-internal' }] }] },
    }),
  ];
}

/** A cluster that has all that the small system needs, and nothing of it yet. */
export function emptyCluster(): ClusterState {
  return {
    server: { major: '1', minor: '34', gitVersion: 'v1.34.1' },
    rendered: smallSystem(),
    objects: [],
    definitions: [
      'serving.knative.dev/Service True v1',
      'gateway.networking.k8s.io/Gateway True v1 v1beta1',
      'gateway.networking.k8s.io/HTTPRoute True v1',
      'kafka.strimzi.io/KafkaTopic True v1beta2 v1',
    ],
    secrets: {
      'evolution-todo/evolution-todo': ['APP_API_TOKEN', 'DATABASE_URL'],
      'evolution-todo/evolution-todo-tls': ['tls.crt', 'tls.key'],
    },
    classes: { eg: 'True' },
    storageClasses: ['slow ', 'fast true'],
    around: ['kafka', 'kourier-internal'],
    running: [],
    pods: [],
    logs: '',
    stuck: {},
    conflict: false,
  };
}

/** Such a cluster for one test, with a program to call in place of kubectl. */
export async function clusterWithProgram(state: ClusterState) {
  const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-kubectl-'));
  const program = join(folder, 'kubectl');
  const bundle = join(folder, 'fakeKubectl.mjs');
  await build({ entryPoints: [source], outfile: bundle, bundle: true, platform: 'node', format: 'esm' });
  await writeFile(join(folder, 'state.json'), JSON.stringify(state));
  await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${bundle}" "${folder}" "$@"\n`, { mode: 0o755 });
  return {
    program,
    /** Oldest first. */
    async calls(): Promise<Call[]> {
      const lines = (await readFile(join(folder, 'calls.jsonl'), 'utf8')).trim().split('\n');
      return lines.map((line) => JSON.parse(line));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
