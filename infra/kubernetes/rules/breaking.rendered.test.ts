import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadFunctions } from '../../functions.ts';
import { type ManifestsProgram, manifestsProgram } from '../manifests/program.ts';
import { overlays } from '../overlays.ts';
import { changed, container, editFile, find, type Objects, router, service } from './breaking.ts';
import type { System } from './objects.ts';
import { brokenRules, rules } from './rules.ts';

let program: ManifestsProgram;
let whole: System;
beforeAll(async () => {
  program = await manifestsProgram((step) => process.stderr.write(`… ${step}\n`));
  const overlay = (await overlays()).find(({ name }) => name === 'kafka-strimzi-postgres');
  if (!overlay) throw new Error('there is no such overlay');
  whole = { objects: await program.render(overlay.path), definitions: await loadFunctions(), hasTopics: true };
});

interface Break {
  rule: string;
  by: string;
  change: (objects: Objects) => void;
}

/** Each breaks one rule by hand, and that rule only. */
const breaks: Break[] = [
  {
    rule: 'owned',
    by: 'an object that nobody would know as the system’s own',
    change: (objects) => Object.assign(find(objects, 'NetworkPolicy', 'functions').metadata, { labels: {} }),
  },
  {
    rule: 'topic-schema',
    by: 'a misspelt field of a topic',
    change: (objects) => Object.assign(find(objects, 'KafkaTopic').spec, { partition: 8 }),
  },
  {
    rule: 'topics',
    by: 'a topic that is missing',
    change: (objects) =>
      objects.splice(objects.indexOf(find(objects, 'KafkaTopic', 'evolution-todo.reminders.due.dead')), 1),
  },
  {
    rule: 'topic-replication',
    by: 'a topic with one copy',
    change: (objects) => Object.assign(find(objects, 'KafkaTopic').spec, { replicas: 1 }),
  },
  {
    rule: 'subscriptions',
    by: 'a subscription without a dead-letter topic',
    change: (objects) =>
      editFile(objects, 'subscriptions.yaml', /^ {2}deadLetterTopic: evolution-todo.reminders.due.dead\n/m, ''),
  },
  {
    rule: 'subscriptions',
    by: 'a dead-letter topic that nobody subscribes to',
    change: (objects) =>
      editFile(objects, 'subscriptions.yaml', /^ {2}topic: evolution-todo.reminders.due.dead$/m, '  topic: elsewhere'),
  },
  {
    rule: 'scopes',
    by: 'a component without a scope',
    change: (objects) => editFile(objects, 'pubsub.yaml', /^scopes:\n.*\n?/m, ''),
  },
  {
    rule: 'pubsub',
    by: 'a subscription at another broker',
    change: (objects) => editFile(objects, 'subscriptions.yaml', 'pubsubname: taskevents', 'pubsubname: events'),
  },
  {
    rule: 'retries',
    by: 'a retry that has no end',
    change: (objects) => editFile(objects, 'resiliency.yaml', /maxRetries: \d+/, 'maxRetries: -1'),
  },
  {
    rule: 'retries',
    by: 'a retry policy that no target names',
    change: (objects) => editFile(objects, 'resiliency.yaml', /^ +retry: delivery\n/m, ''),
  },
  {
    rule: 'timeouts',
    by: 'a try that is shorter than a function may take',
    change: (objects) => editFile(objects, 'resiliency.yaml', 'delivery: 20s', 'delivery: 10s'),
  },
  {
    rule: 'timeouts',
    by: 'a function that may take longer than a try',
    change(objects) {
      service(objects, 'on-reminder-due').spec.template.spec.timeoutSeconds = 20;
      editFile(objects, 'routes.json', /20000/g, '21000');
    },
  },
  {
    rule: 'router-timeouts',
    by: 'a router that is less patient than a function',
    change: (objects) => editFile(objects, 'routes.json', /"timeoutMs": 20000/, '"timeoutMs": 15000'),
  },
  {
    rule: 'resiliency-alone',
    by: 'a Resiliency beside another document',
    change(objects) {
      const { data = {} } = find(objects, 'ConfigMap', /^evolution-todo-dapr-/);
      data['cron.yaml'] += `---\n${data['resiliency.yaml']}`;
      delete data['resiliency.yaml'];
    },
  },
  {
    rule: 'cron-direction',
    by: 'a cron component without a direction',
    change: (objects) => editFile(objects, 'cron.yaml', / {4}- name: direction\n {6}value: input\n/, ''),
  },
  {
    rule: 'cron',
    by: 'another schedule',
    change: (objects) => editFile(objects, 'cron.yaml', /value: 0 \* \* \* \*/, 'value: 5 * * * *'),
  },
  {
    rule: 'environment',
    by: 'a variable that the function’s schema does not want',
    change: (objects) => container(service(objects, 'create-task')).env?.push({ name: 'DEBUG', value: '1' }),
  },
  {
    rule: 'environment',
    by: 'a variable that is missing',
    change: (objects) => container(service(objects, 'create-task')).env?.pop(),
  },
  {
    rule: 'environment',
    by: 'a function without a Service',
    change: (objects) => Object.assign(service(objects, 'get-stats').metadata, { name: 'getstats' }),
  },
  {
    rule: 'variables',
    by: 'a setting that the overlay leaves out',
    change: (objects) => delete find(objects, 'ConfigMap', /^evolution-todo-[^-]+$/).data?.JWT_AUDIENCE,
  },
  {
    rule: 'sidecar-variables',
    by: 'a component that refers to what the sidecar is not given',
    change: (objects) => editFile(objects, 'pubsub.yaml', 'envRef: KAFKA_BROKERS', 'envRef: BROKERS'),
  },
  {
    rule: 'images',
    by: 'an image without a version',
    change: (objects) =>
      Object.assign(container(service(objects, 'create-task')), { image: 'registry.example.com/create-task' }),
  },
  {
    rule: 'images',
    by: '"latest"',
    change: (objects) => Object.assign(router(objects), { image: 'registry.example.com/router:latest' }),
  },
  {
    rule: 'internal-routes',
    by: 'a path of daprd’s that no function takes',
    change: (objects) =>
      editFile(objects, 'subscriptions.yaml', 'default: /events/task-created', 'default: /events/task-create'),
  },
  {
    rule: 'internal-routes',
    by: 'a path that two functions take',
    change(objects) {
      const second = { service: 'on-task-updated', audience: 'internal', method: 'POST', path: '/events/task-created' };
      editFile(objects, 'routes.json', /\]\n$/, `,${JSON.stringify({ ...second, timeoutMs: 20_000 })}]`);
    },
  },
  {
    rule: 'internal-routes',
    by: 'a job whose path two functions take',
    change(objects) {
      const second = { service: 'on-task-updated', audience: 'internal', method: 'POST', path: '/job/wake-up' };
      editFile(objects, 'routes.json', /\]\n$/, `,${JSON.stringify({ ...second, timeoutMs: 20_000 })}]`);
    },
  },
  {
    rule: 'router-table',
    by: 'a route that the router does not have',
    change: (objects) => editFile(objects, 'routes.json', '"path": "/stats"', '"path": "/statistics"'),
  },
  {
    rule: 'public-paths',
    by: 'a route that lets clients deliver events',
    change: (objects) =>
      find(objects, 'HTTPRoute', 'get-stats').spec.rules[0].matches.push({
        path: { type: 'PathPrefix', value: '/events' },
      }),
  },
  {
    rule: 'public-paths',
    by: 'a route that lets clients send jobs',
    change: (objects) =>
      find(objects, 'HTTPRoute', 'get-stats').spec.rules[0].matches.push({
        path: { type: 'PathPrefix', value: '/job' },
      }),
  },
  {
    rule: 'public-paths',
    by: 'a route that lets clients reach what is for operators',
    change(objects) {
      const path = { type: 'RegularExpression', value: '^/admin/' };
      find(objects, 'HTTPRoute', 'get-stats').spec.rules[0].matches.push({ path, method: 'GET' });
    },
  },
  {
    rule: 'public-routes',
    by: 'a function for clients without a route',
    change: (objects) => objects.splice(objects.indexOf(find(objects, 'HTTPRoute', 'get-stats')), 1),
  },
  {
    rule: 'public-routes',
    by: 'a route to another function',
    change(objects) {
      const { filters } = find(objects, 'HTTPRoute', 'get-stats').spec.rules[0];
      filters[0].urlRewrite.hostname = 'get-task.evolution-todo.svc.cluster.local';
    },
  },
  {
    rule: 'cluster-local',
    by: 'a function with a host name of its own',
    change: (objects) => delete service(objects, 'get-stats').metadata.labels?.['networking.knative.dev/visibility'],
  },
  {
    rule: 'one-sidecar',
    by: 'two replicas',
    change: (objects) => Object.assign(find(objects, 'Deployment', 'daprd').spec, { replicas: 2 }),
  },
  {
    rule: 'one-sidecar',
    by: 'a rolling update',
    change: (objects) =>
      Object.assign(find(objects, 'Deployment', 'daprd').spec, { strategy: { type: 'RollingUpdate' } }),
  },
  {
    rule: 'always-on-priority',
    by: 'a sidecar that waits for a place like any function',
    change: (objects) => delete find(objects, 'Deployment', 'daprd').spec.template.spec.priorityClassName,
  },
  {
    rule: 'always-on-priority',
    by: 'a scheduler that does',
    change: (objects) => delete find(objects, 'Deployment', 'scheduler').spec.template.spec.priorityClassName,
  },
  {
    rule: 'always-on-priority',
    by: 'a function that is as important',
    change: (objects) =>
      Object.assign(service(objects, 'create-task').spec.template.spec, {
        priorityClassName: 'evolution-todo-always-on',
      }),
  },
  {
    rule: 'sidecar-silent',
    by: 'a sidecar that asks functions at its start',
    change: (objects) => flag(objects, '--disable-init-endpoints=config,subscribe', '--disable-init-endpoints=config'),
  },
  {
    rule: 'sidecar-silent',
    by: 'app health checks',
    change: (objects) => flag(objects, '--enable-app-health-check=false', '--enable-app-health-check=true'),
  },
  {
    rule: 'sidecar-tokens',
    by: 'a sidecar without a token',
    change(objects) {
      const daprd = container(find(objects, 'Deployment', 'daprd'));
      daprd.env = daprd.env?.filter(({ name }) => name !== 'DAPR_API_TOKEN') ?? [];
    },
  },
  {
    rule: 'app-channel',
    by: 'a sidecar that calls the ingress itself, whose 404 it would believe',
    change: (objects) =>
      flag(objects, '--app-channel-address=127.0.0.1', '--app-channel-address=kourier-internal.kourier-system'),
  },
  {
    rule: 'app-channel',
    by: 'a router that ends before the sidecar',
    change: (objects) => delete router(objects).restartPolicy,
  },
  {
    rule: 'sidecar-probes',
    by: 'a sidecar that is ended while its scheduler is away',
    change: (objects) =>
      Object.assign(container(find(objects, 'Deployment', 'daprd')).livenessProbe ?? {}, {
        httpGet: { path: '/v1.0/healthz', port: 'http' },
      }),
  },
  {
    rule: 'wake-ups',
    by: 'crons alone, where a scheduler runs',
    change: (objects) => setWakeUps(objects, 'cron'),
  },
  {
    rule: 'wake-ups',
    by: 'jobs that no scheduler keeps',
    change(objects) {
      const daprd = container(find(objects, 'Deployment', 'daprd'));
      daprd.args = daprd.args?.filter((argument) => !argument.startsWith('--scheduler-host-address')) ?? [];
    },
  },
  {
    rule: 'wake-ups',
    by: 'nothing that says who wakes functions',
    change: (objects) => setWakeUps(objects, undefined),
  },
  {
    rule: 'wake-ups',
    by: 'crons that come each minute, where jobs wake what is due',
    change: (objects) =>
      editFile(objects, 'cron.yaml', /(name: outbox-scheduler[\s\S]*?value: )0 \* \* \* \*/, '$1"* * * * *"'),
  },
  {
    rule: 'scheduler-address',
    by: 'a scheduler that is looked for elsewhere',
    change: (objects) => flag(objects, SCHEDULER_FLAG, SCHEDULER_FLAG.replace('=scheduler.', '=dapr-scheduler.')),
  },
  {
    rule: 'scheduler-address',
    by: 'a port that nobody listens on',
    change: (objects) => Object.assign(find(objects, 'Service', 'scheduler').spec.ports[0], { targetPort: 50_007 }),
  },
  {
    rule: 'scheduler-address',
    by: 'a scheduler that tells its pod’s own address',
    change(objects) {
      const scheduler = container(find(objects, 'Deployment', 'scheduler'));
      scheduler.args = scheduler.args?.filter((argument) => !argument.startsWith('--override-broadcast')) ?? [];
    },
  },
  {
    rule: 'one-scheduler',
    by: 'two of them on the same files',
    change: (objects) => Object.assign(find(objects, 'Deployment', 'scheduler').spec, { replicas: 2 }),
  },
  {
    rule: 'one-scheduler',
    by: 'a rolling update',
    change: (objects) =>
      Object.assign(find(objects, 'Deployment', 'scheduler').spec, { strategy: { type: 'RollingUpdate' } }),
  },
  {
    rule: 'one-scheduler',
    by: 'a folder that it cannot write to',
    change: (objects) => Object.assign(find(objects, 'Deployment', 'scheduler').spec.template.spec, { volumes: [] }),
  },
  {
    rule: 'one-scheduler',
    by: 'an etcd that others reach',
    change(objects) {
      const scheduler = container(find(objects, 'Deployment', 'scheduler'));
      scheduler.args = scheduler.args?.map((argument) => argument.replace('//127.0.0.1:', '//scheduler-0:')) ?? [];
    },
  },
  {
    rule: 'scheduler-audience',
    by: 'a policy that lets everybody set jobs',
    change: (objects) => delete find(objects, 'NetworkPolicy', 'scheduler').spec.ingress[0].from,
  },
  {
    rule: 'scheduler-audience',
    by: 'a sidecar that cannot reach it',
    change: (objects) => objects.splice(objects.indexOf(find(objects, 'NetworkPolicy', 'daprd-scheduler')), 1),
  },
  {
    rule: 'reserved-ports',
    by: 'daprd’s own default for metrics',
    change: (objects) => flag(objects, '--metrics-port=9464', '--metrics-port=9090'),
  },
  {
    rule: 'secrets-by-reference',
    by: 'a password in a variable',
    change(objects) {
      const { env = [] } = container(find(objects, 'Deployment', 'postgres-bridge'));
      Object.assign(env.find(({ name }) => name === 'BRIDGE_PASSWORD') ?? {}, {
        value: 'hunter2',
        valueFrom: undefined,
      });
    },
  },
  {
    rule: 'secrets-by-reference',
    by: 'a Secret among the manifests',
    change: (objects) => {
      const labels = { 'app.kubernetes.io/part-of': 'evolution-todo' };
      objects.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'evolution-todo', labels } });
    },
  },
  {
    rule: 'restricted-namespace',
    by: 'a namespace that lets any pod in',
    change: (objects) => delete find(objects, 'Namespace').metadata.labels?.['pod-security.kubernetes.io/enforce'],
  },
  {
    rule: 'hardening',
    by: 'an image that can be written to',
    change: (objects) =>
      Object.assign(container(service(objects, 'create-task')).securityContext ?? {}, {
        readOnlyRootFilesystem: false,
      }),
  },
  {
    rule: 'hardening',
    by: 'a token for the Kubernetes API',
    change: (objects) =>
      Object.assign(find(objects, 'Deployment', 'daprd').spec.template.spec, { automountServiceAccountToken: true }),
  },
  {
    rule: 'resources',
    by: 'a container without a limit of its memory',
    change: (objects) => delete router(objects).resources?.limits?.memory,
  },
  {
    rule: 'deny-by-default',
    by: 'the policy that is missing',
    change: (objects) => objects.splice(objects.indexOf(find(objects, 'NetworkPolicy', 'nobody')), 1),
  },
  {
    rule: 'sidecar-audience',
    by: 'a policy that lets everybody reach the sidecar',
    change: (objects) => delete find(objects, 'NetworkPolicy', 'daprd').spec.ingress[0].from,
  },
  {
    rule: 'outside-only',
    by: 'a function’s way to addresses inside the cluster',
    change: (objects) => delete find(objects, 'NetworkPolicy', 'functions').spec.egress[1].to[0].ipBlock.except,
  },
  {
    rule: 'outside-only',
    by: 'a function’s way to everybody',
    change: (objects) => delete find(objects, 'NetworkPolicy', 'functions').spec.egress[1].to,
  },
  {
    rule: 'private-webhooks',
    by: 'webhooks to private addresses, where everybody can make one',
    change: (objects) => {
      const settings = objects.find(({ kind, data }) => kind === 'ConfigMap' && data?.JWT_ISSUER !== undefined);
      Object.assign(settings?.data ?? {}, { WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'true' });
    },
  },
];

const SCHEDULER_FLAG = '--scheduler-host-address=scheduler.evolution-todo.svc.cluster.local:50006';

function setWakeUps(objects: Objects, value: string | undefined): void {
  const { data = {} } = find(objects, 'ConfigMap', /^evolution-todo-[^-]+$/);
  if (value) data.WAKE_UPS = value;
  else delete data.WAKE_UPS;
}

function flag(objects: Objects, from: string, to: string): void {
  const daprd = container(find(objects, 'Deployment', 'daprd'));
  expect(daprd.args).toContain(from);
  daprd.args = daprd.args?.map((argument) => (argument === from ? to : argument)) ?? [];
}

test('nothing is broken before', () => {
  expect(brokenRules(whole)).toEqual({});
});

test.each(breaks)('$rule fails at $by', ({ rule, change }) => {
  const broken = brokenRules({ ...whole, objects: changed(whole.objects, change) });
  expect(Object.keys(broken)).toEqual([rule]);
});

test('every rule is broken by one of these', () => {
  expect([...new Set(breaks.map(({ rule }) => rule))].sort()).toEqual(rules.map(({ name }) => name).sort());
});

describe('what the readers themselves refuse', () => {
  const readers: { check: string; by: string; change: (objects: Objects) => void }[] = [
    {
      check: 'schema',
      by: 'a misspelt field of a Deployment',
      change: (objects) => Object.assign(find(objects, 'Deployment', 'daprd').spec, { replica: 1 }),
    },
    {
      check: 'schema',
      by: 'a misspelt field of a route',
      change: (objects) => Object.assign(find(objects, 'HTTPRoute').spec.rules[0].matches[0], { methd: 'GET' }),
    },
    {
      check: 'schema',
      by: 'a kind that nobody reads',
      change: (objects) =>
        objects.push({ apiVersion: 'serving.knative.dev/v2', kind: 'Service', metadata: { name: 'x' } }),
    },
    {
      check: 'definition',
      by: 'a port that is none',
      change: (objects) => Object.assign(find(objects, 'Gateway').spec.listeners[0], { port: 70_000 }),
    },
    {
      check: 'definition',
      by: 'a rule between fields: plain HTTP with a certificate',
      change: (objects) => Object.assign(find(objects, 'Gateway').spec.listeners[0], { protocol: 'HTTP' }),
    },
    {
      check: 'dapr-schema',
      by: 'a misspelt field of a component',
      change: (objects) => editFile(objects, 'pubsub.yaml', '  version: v1', '  verison: v1'),
    },
    {
      check: 'knative',
      by: 'a second port',
      change: (objects) => container(service(objects, 'create-task')).ports?.push({ containerPort: 8081 }),
    },
    {
      check: 'knative',
      by: 'a wrong annotation',
      change: (objects) =>
        Object.assign(service(objects, 'create-task').spec.template, {
          metadata: { annotations: { 'autoscaling.knative.dev/max-scale': 'many' } },
        }),
    },
    {
      check: 'knative',
      by: 'a name that is no image’s',
      change: (objects) => Object.assign(container(service(objects, 'create-task')), { image: 'No Image:1' }),
    },
    {
      check: 'pod-security',
      by: 'a pod that may run as root',
      change: (objects) => delete find(objects, 'Deployment', 'daprd').spec.template.spec.securityContext.runAsNonRoot,
    },
    {
      check: 'pod-security',
      by: 'a container that keeps its capabilities',
      change: (objects) => Object.assign(router(objects).securityContext ?? {}, { capabilities: {} }),
    },
  ];

  const seen = new Set<string>();
  test.each(readers)('$check fails at $by', async ({ check, change }) => {
    const faults = await program.check(changed(whole.objects, change));
    expect([...new Set(faults.map((fault) => fault.check))]).toEqual([check]);
    seen.add(check);
  });
  afterAll(() => expect([...seen].sort()).toEqual(['dapr-schema', 'definition', 'knative', 'pod-security', 'schema']));
});
