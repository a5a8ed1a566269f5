import { type Kubectl, type KubectlRun, kubectlOf } from './kubectl.ts';
import type { Call, ClusterState, TestObject } from './testCluster.ts';

const groupOf = ({ apiVersion }: TestObject) => (apiVersion.includes('/') ? apiVersion.split('/')[0] : '');
const kindOf = (object: TestObject) => [object.kind, groupOf(object)].filter(Boolean).join('.');
const idOf = (object: TestObject) => `${kindOf(object)} ${object.metadata.namespace} ${object.metadata.name}`;
const listed = (items: readonly object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
const done = (stdout = '', code = 0): KubectlRun => ({ code, stdout, stderr: '' });
const failed = (stderr: string, code = 1): KubectlRun => ({ code, stdout: '', stderr });
const notFound = failed('Error from server (NotFound): not found');

/** Answers as kubectl does with such a cluster behind it, which it changes. */
export function answerOf(state: ClusterState, args: readonly string[], input: string): KubectlRun {
  const given: TestObject[] = input ? JSON.parse(input).items : [];
  const [verb = '', ...words] = args.filter((argument) => !argument.startsWith('-'));
  const namespace = args[args.indexOf('-n') + 1];
  const find = (object: TestObject) => state.objects.find((live) => idOf(live) === idOf(object));
  const named = (kind: string, name: string) =>
    state.objects.find((live) => idOf(live) === `${kind} ${namespace} ${name}`);

  switch (verb) {
    case 'version':
      return version(state, args.includes('--client'));
    case 'kustomize':
      return done(state.rendered.map((object) => JSON.stringify(object)).join('\n---\n'));
    case 'get':
      return args.includes('-f') ? done(listed(given.flatMap((object) => find(object) ?? []))) : get();
    case 'diff':
      return diff(state, given, find);
    case 'apply':
      for (const object of given) {
        const live = { ...object, metadata: { ...object.metadata, generation: 1 }, status: settled(state, object) };
        state.objects = [...state.objects.filter((other) => idOf(other) !== idOf(object)), live];
      }
      return done();
    case 'delete': {
      const gone = named(words[0] ?? '', words[1] ?? '');
      state.objects = state.objects.filter((live) => live !== gone);
      return done();
    }
    case 'logs':
      return done(state.logs);
    default:
      return failed(`error: unknown command "${verb}"`);
  }

  function get(): KubectlRun {
    const [kind = '', name = ''] = words;
    switch (kind) {
      case 'customresourcedefinitions':
        return done(state.definitions.join('\n'));
      case 'storageclasses.storage.k8s.io':
        return done(state.storageClasses.join('\n'));
      case 'secret':
        return state.secrets[`${namespace}/${name}`]
          ? done(state.secrets[`${namespace}/${name}`]?.join('\n'))
          : notFound;
      case 'gatewayclasses.gateway.networking.k8s.io':
        return name in state.classes ? done(state.classes[name]) : notFound;
      case 'namespace':
      case 'service':
        return state.around.includes(name) ? done(name) : notFound;
      case 'Gateway.gateway.networking.k8s.io':
        return done(JSON.stringify(named(kind, name)));
      case 'pods':
        return done(listed(state.pods));
      case 'pods,replicasets.apps,revisions.serving.knative.dev':
        return done(listed(state.running));
    }
    const [key = '', value] = (args[args.indexOf('-l') + 1] ?? '').split('=');
    const kinds = kind.split(',');
    const labelled = state.objects.filter(
      (live) => kinds.includes(kindOf(live)) && live.metadata.labels?.[key] === value,
    );
    return done(listed(labelled.filter(({ metadata }) => metadata.namespace === namespace)));
  }
}

function version({ server }: ClusterState, clientOnly: boolean): KubectlRun {
  const clientVersion = { gitVersion: 'v1.34.0' };
  if (clientOnly) return done(JSON.stringify({ clientVersion }));
  if (server) return done(JSON.stringify({ clientVersion, serverVersion: server }));
  return failed('Unable to connect to the server: dial tcp 10.0.0.1:6443: connect: connection refused');
}

function diff(state: ClusterState, given: readonly TestObject[], find: (object: TestObject) => TestObject | undefined) {
  if (state.conflict) return failed('error: Apply failed with 1 conflict: conflict with "kubectl-edit"', 2);
  const changed = given.filter((object) => JSON.stringify(find(object)?.spec) !== JSON.stringify(object.spec));
  const lines = changed.map(({ apiVersion, kind, metadata: { namespace = '', name } }) => {
    const file = [...apiVersion.split('/'), kind, namespace, name].join('.');
    return `diff -u -N /tmp/LIVE-1/${file} /tmp/MERGED-1/${file}\n+changed\n`;
  });
  return done(lines.join(''), changed.length > 0 ? 1 : 0);
}

/** How an object would be once its controller has seen it, unless the test wants it to be otherwise. */
function settled({ stuck }: ClusterState, { kind, metadata }: TestObject): object {
  const conditions = (...types: string[]) => types.map((type) => ({ type, status: 'True' }));
  const otherwise = stuck[metadata.name];
  if (otherwise) return otherwise;
  if (kind === 'Deployment') return { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
  if (kind === 'HTTPRoute') return { parents: [{ conditions: conditions('Accepted', 'ResolvedRefs') }] };
  return { conditions: conditions('Ready', 'Programmed'), addresses: [{ value: '10.0.0.1' }] };
}

/** Kubectl for such a cluster, within the process, and how it was called. */
export function fakeKubectl(state: ClusterState): { kubectl: Kubectl; calls: Call[] } {
  const calls: Call[] = [];
  const kubectl = kubectlOf(async (args, input = '') => {
    calls.push(callOf(args, input));
    return answerOf(state, args, input);
  });
  return { kubectl, calls };
}

/** Whether a call changes the cluster. */
export function isChange(args: readonly string[]): boolean {
  return args.includes('apply') || args.includes('delete');
}

/** A call as tests look at it. */
export function callOf(args: readonly string[], input: string): Call {
  const given: TestObject[] = isChange(args) && input ? JSON.parse(input).items : [];
  return { args: [...args], applied: given.map(({ metadata }) => metadata.name) };
}
