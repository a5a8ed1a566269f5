import { expect, test, vi } from 'vitest';
import type { KubernetesObject } from '../rules/objects.ts';
import { type DeployOptions, deploy } from './deploy.ts';
import { fakeKubectl } from './fakeKubectl.ts';
import { type ClusterState, emptyCluster, functionOf, object, smallSystem } from './testCluster.ts';

/** Deploys to such a cluster, and tells what was printed, how it ended, and how kubectl was called. */
async function run(state: ClusterState, options: Partial<DeployOptions> = {}) {
  const { kubectl, calls } = fakeKubectl(structuredClone(state));
  const printed: string[] = [];
  const error = await deploy({
    kubectl,
    folder: 'overlay',
    planOnly: false,
    showDiff: false,
    pruneTopics: false,
    forceConflicts: false,
    timeoutMs: 0,
    intervalMs: 1,
    print: (text) => printed.push(text),
    confirm: async () => true,
    ...options,
  }).then(
    () => undefined,
    ({ message }: Error) => message,
  );
  const verbs = (verb: string) => calls.filter(({ args }) => args.includes(verb));
  return { printed: printed.join('\n'), error, calls, applied: verbs('apply'), deleted: verbs('delete') };
}

/** A cluster on which the small system is as it should be. */
function runningCluster(): ClusterState {
  return { ...emptyCluster(), objects: smallSystem() };
}

const without = (objects: readonly KubernetesObject[], ...names: string[]) =>
  objects.filter(({ metadata }) => !names.includes(metadata.name));

test('a first deployment creates everything, stage by stage, and tells where it is', async () => {
  const { printed, error, applied } = await run(emptyCluster());
  expect(error).toBeUndefined();
  expect(applied.map((call) => call.applied)).toEqual([
    ['evolution-todo'],
    ['evolution-todo-2222222222', 'scheduler', 'tasks'],
    ['postgres-bridge'],
    ['create-task', 'get-task'],
    ['scheduler'],
    ['daprd'],
    ['evolution-todo', 'create-task'],
  ]);
  expect(printed).toContain('11 to create, 0 to change, 0 to remove, 0 as they should be');
  expect(printed).toContain('The API        https://todo.test\nThe gateway    https://10.0.0.1\n');
  expect(printed).toContain('npm run smoke -- https://10.0.0.1 --host todo.test --token-command CMD');
  expect(printed).toContain('the schema was not looked at, for want of DATABASE_URL');
});

test('fields are applied by the server, under a name of our own', async () => {
  const { applied } = await run(emptyCluster());
  for (const { args } of applied) {
    expect(args).toEqual(['apply', '--server-side', '--field-manager=evolution-todo-deploy', '-f', '-']);
  }
});

test('a plan changes nothing', async () => {
  const state = runningCluster();
  state.rendered = [...without(smallSystem(), 'get-task'), functionOf('get-task', 'registry.test/get-task:2.0.0')];
  const { printed, error, applied, deleted } = await run(state, { planOnly: true });
  expect({ error, applied, deleted }).toEqual({ error: undefined, applied: [], deleted: [] });
  expect(printed).toContain('  ~ Service.serving.knative.dev evolution-todo/get-task\n');
  expect(printed).toContain('0 to create, 1 to change, 0 to remove, 10 as they should be');
  expect(printed).not.toContain('+changed');
});

test('what changes within objects is shown where that is asked for', async () => {
  const state = runningCluster();
  state.rendered = [...without(smallSystem(), 'get-task'), functionOf('get-task', 'registry.test/get-task:2.0.0')];
  const { printed } = await run(state, { planOnly: true, showDiff: true });
  expect(printed).toContain('+changed');
});

test('without a yes nothing is changed', async () => {
  const { error, applied } = await run(emptyCluster(), { confirm: async () => false });
  expect({ error, applied }).toEqual({ error: 'nothing was changed', applied: [] });
});

test('where nothing changes nobody is asked, and everything is waited for all the same', async () => {
  const confirm = vi.fn(async () => false);
  const { error, applied } = await run(runningCluster(), { confirm });
  expect(error).toBeUndefined();
  expect(applied.length).toBeGreaterThan(0);
  expect(confirm).not.toHaveBeenCalled();
});

test('what the overlay no longer has is removed in the end, the way to it first', async () => {
  const state = runningCluster();
  state.objects.push(functionOf('old'), object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'old'));
  const { printed, error, calls, deleted } = await run(state);
  expect(error).toBeUndefined();
  expect(printed).toContain('0 to create, 0 to change, 2 to remove');
  expect(deleted.map(({ args }) => args.slice(1, 3))).toEqual([
    ['HTTPRoute.gateway.networking.k8s.io', 'old'],
    ['Service.serving.knative.dev', 'old'],
  ]);
  expect(calls.findLastIndex(({ args }) => args[0] === 'apply')).toBeLessThan(
    calls.findIndex(({ args }) => args[0] === 'delete'),
  );
});

test('a scheduler that the overlay no longer has is removed with its storage', async () => {
  const state = runningCluster();
  state.rendered = without(smallSystem(), 'scheduler');
  const { deleted } = await run(state);
  expect(deleted.map(({ args }) => args.slice(1, 3))).toEqual([
    ['Deployment.apps', 'scheduler'],
    ['PersistentVolumeClaim', 'scheduler'],
  ]);
});

test('settings of old revisions are removed once nothing refers to them', async () => {
  const state = runningCluster();
  state.objects.push(
    object('v1', 'ConfigMap', 'evolution-todo-4444444444'),
    object('v1', 'ConfigMap', 'evolution-todo-5555555555'),
  );
  const revision = { spec: { containers: [{ envFrom: [{ configMapRef: { name: 'evolution-todo-4444444444' } }] }] } };
  state.running = [object('serving.knative.dev/v1', 'Revision', 'create-task-00001', revision)];
  const { deleted } = await run(state);
  expect(deleted.map(({ args }) => args[2])).toEqual(['evolution-todo-5555555555']);
});

test('what controllers have made, others own, or another namespace has, is left alone', async () => {
  const state = runningCluster();
  const made = object('v1', 'Service', 'create-task-00001');
  const labels = { 'app.kubernetes.io/part-of': 'evolution-todo' };
  state.objects.push(
    { ...made, metadata: { ...made.metadata, ownerReferences: [{ kind: 'Revision' }] } },
    { ...made, metadata: { name: 'somebody-elses', namespace: 'evolution-todo' } },
    { ...made, metadata: { name: 'staging', namespace: 'staging', labels } },
    object('v1', 'Secret', 'evolution-todo'),
  );
  const { deleted } = await run(state);
  expect(deleted).toEqual([]);
});

test('a topic that the overlay no longer has stays, unless it is said to go', async () => {
  const topic = { ...object('kafka.strimzi.io/v1', 'KafkaTopic', 'old-topic') };
  topic.metadata = { ...topic.metadata, namespace: 'kafka' };
  const state = { ...runningCluster(), objects: [...smallSystem(), topic] };
  const kept = await run(state);
  expect(kept.deleted).toEqual([]);
  expect(kept.printed).toContain(
    '! KafkaTopic.kafka.strimzi.io kafka/old-topic stays, with its events, unless --prune-topics',
  );
  const pruned = await run(state, { pruneTopics: true });
  expect(pruned.deleted.map(({ args }) => args[2])).toEqual(['old-topic']);
});

test('fields that somebody else has set are told of, and taken over where that is said', async () => {
  const state = { ...runningCluster(), conflict: true };
  const { error, applied } = await run(state);
  expect(applied).toEqual([]);
  expect(error).toContain('conflict with "kubectl-edit"\nTo take these fields over: --force-conflicts.');
  const forced = await run({ ...state, conflict: false }, { forceConflicts: true });
  expect(forced.applied[0]?.args).toContain('--force-conflicts');
});

test('a stage that does not become ready is the last one, and its objects tell why', async () => {
  const state = emptyCluster();
  const message = 'Container failed with: DATABASE_URL is missing';
  state.stuck = { 'get-task': { conditions: [{ type: 'Ready', status: 'False', reason: 'RevisionFailed', message }] } };
  const waiting = {
    name: 'user-container',
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
  };
  state.pods = [{ metadata: { name: 'get-task-00001-x' }, status: { containerStatuses: [waiting] } }];
  state.logs = '[pod/get-task-00001-x/user-container] DATABASE_URL: is missing\n';
  const { error, applied } = await run(state);
  expect(error).toBe(`not ready after 0 s:
Service.serving.knative.dev evolution-todo/get-task: Ready is False (RevisionFailed): ${message}
    pod get-task-00001-x: user-container waits: CrashLoopBackOff back-off 10s
    [pod/get-task-00001-x/user-container] DATABASE_URL: is missing`);
  expect(applied.flatMap((call) => call.applied)).not.toContain('daprd');
});

const image = 'registry.test/create-task';
test.each<{ what: string; change: (state: ClusterState) => unknown; says: string }>([
  { what: 'no cluster', change: (s) => (s.server = null), says: 'the cluster cannot be reached: Unable to connect' },
  {
    what: 'an old cluster',
    change: (s) => (s.server = { major: '1', minor: '28+', gitVersion: 'v1.28.2' }),
    says: 'the cluster has Kubernetes v1.28.2; 1.29 is the first with sidecar containers',
  },
  {
    what: 'no Knative',
    change: (s) => s.definitions.shift(),
    says: 'knows no Service of serving.knative.dev: install Knative Serving',
  },
  {
    what: 'a definition that is not established',
    change: (s) => (s.definitions[1] = 'gateway.networking.k8s.io/Gateway False v1'),
    says: 'the definition of Gateway of gateway.networking.k8s.io is not established',
  },
  {
    what: 'an old Strimzi',
    change: (s) => (s.definitions[3] = 'kafka.strimzi.io/KafkaTopic True v1beta2'),
    says: 'serves KafkaTopic of kafka.strimzi.io as v1beta2, not as v1: install Strimzi 0.49 or later',
  },
  {
    what: 'no GatewayClass',
    change: (s) => (s.classes = {}),
    says: 'there is no GatewayClass eg: name one of the cluster’s',
  },
  {
    what: 'a GatewayClass that nobody implements',
    change: (s) => (s.classes = { eg: 'Unknown' }),
    says: 'GatewayClass eg is not accepted: does its implementation run?',
  },
  {
    what: 'no storage',
    change: (s) => (s.storageClasses = ['slow ']),
    says: 'there is no default StorageClass for scheduler: name one in the overlay',
  },
  {
    what: 'not the storage that is named',
    change: (s) =>
      Object.assign(s.rendered.find(({ kind }) => kind === 'PersistentVolumeClaim')?.spec ?? {}, {
        storageClassName: 'ssd',
      }),
    says: 'there is no StorageClass ssd for scheduler: ',
  },
  {
    what: 'no broker’s namespace',
    change: (s) => (s.around = ['kourier-internal']),
    says: 'there is no namespace kafka: see platform.env',
  },
  {
    what: 'no ingress of Knative’s',
    change: (s) => (s.around = ['kafka']),
    says: 'there is no Service kourier-system/kourier-internal: name Knative’s ingress',
  },
  {
    what: 'no Secret',
    change: (s) => delete s.secrets['evolution-todo/evolution-todo'],
    says: 'Secret evolution-todo/evolution-todo is missing, with APP_API_TOKEN, DATABASE_URL: ',
  },
  {
    what: 'a Secret without a key',
    change: (s) => s.secrets['evolution-todo/evolution-todo']?.pop(),
    says: 'Secret evolution-todo/evolution-todo lacks DATABASE_URL: ',
  },
  {
    what: 'no certificate',
    change: (s) => delete s.secrets['evolution-todo/evolution-todo-tls'],
    says: 'Secret evolution-todo/evolution-todo-tls is missing, with tls.crt, tls.key: ',
  },
  {
    what: 'an overlay that was not filled in',
    change: (s) =>
      s.rendered.push(object('v1', 'ConfigMap', 'c', { data: { JWT_ISSUER: 'https://issuer.example.com' } })),
    says: 'ConfigMap evolution-todo/c still has "https://issuer.example.com": fill in',
  },
  {
    what: 'an image without a version',
    change: (s) => s.rendered.push(functionOf('loose', image)),
    says: `Service loose, container c: ${image} names no version, and no digest`,
  },
])('$what is told before anything is changed', async ({ change, says }) => {
  const state = emptyCluster();
  change(state);
  const { error, applied } = await run(state);
  expect(error).toContain(says);
  expect(applied).toEqual([]);
});

test('everything that is in the way is told at once', async () => {
  const { error } = await run({ ...emptyCluster(), secrets: {}, classes: {} });
  expect(error?.split('\n')).toHaveLength(4);
});

test('a database that cannot be looked at is in the way too', async () => {
  const { error, applied } = await run(emptyCluster(), { databaseUrl: 'postgres://u:secret@127.0.0.1:1/todo' });
  expect(error).toContain('127.0.0.1:1');
  expect(error).not.toContain('secret');
  expect(applied).toEqual([]);
});
