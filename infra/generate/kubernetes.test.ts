import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { allTopics } from '../../shared/events/catalogue.ts';
import { isHttp } from '../../shared/runtime/defineFunction.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import { loadFunctions } from '../functions.ts';
import { readTable } from '../kubernetes/router/table.ts';
import {
  daprEnvironment,
  daprKustomization,
  isForOperators,
  knativeKustomization,
  publicRoutes,
  redpandaTopics,
  routerTable,
  strimziTopics,
} from './kubernetes.ts';

const documents = (yaml: string) => parseAllDocuments(yaml).map((document) => document.toJS());
const definitions = await loadFunctions();

test('the router’s table has every function once, and is what the router reads', () => {
  const routes = readTable(routerTable(definitions)).map(({ method, path }) => `${method} ${path}`);
  const wanted = definitions.map(({ trigger }) => routeOf(trigger)).map(({ method, path }) => `${method} ${path}`);
  expect(routes).toEqual(wanted);
  expect(new Set(routes).size).toBe(routes.length);
});

test('a path with parameters is matched whole, each parameter by one segment', () => {
  const routes = documents(publicRoutes(definitions));
  const route = routes.find(({ metadata }) => metadata.name === 'complete-task');
  const [{ path, method }] = route.spec.rules[0].matches;
  expect([method, path.type]).toEqual(['POST', 'RegularExpression']);
  const pattern = new RegExp(path.value);
  expect(
    ['/tasks/1/complete', '/tasks/1/complete/', '/tasks/1/2/complete', '/x/tasks/1/complete', '/tasks//complete'].map(
      (each) => pattern.test(each),
    ),
  ).toEqual([true, false, false, false, false]);
});

test('HEAD goes where GET goes', () => {
  const route = documents(publicRoutes(definitions)).find(({ metadata }) => metadata.name === 'list-tasks');
  expect(route.spec.rules[0].matches).toEqual([
    { path: { type: 'Exact', value: '/tasks' }, method: 'GET' },
    { path: { type: 'Exact', value: '/tasks' }, method: 'HEAD' },
  ]);
});

test('clients reach what is for them, and neither events, ticks nor what is for operators', () => {
  const names = documents(publicRoutes(definitions)).map(({ metadata }) => metadata.name);
  expect(names).toHaveLength(definitions.filter((each) => isHttp(each) && !isForOperators(each)).length);
  expect(names).not.toContain('list-dead-letters');
  expect(names).not.toContain('on-task-created');
});

test.each([
  ['Strimzi', strimziTopics],
  ['Redpanda', redpandaTopics],
])('%s makes every topic and its dead letters', (_, topics) => {
  expect(documents(topics()).map(({ metadata }) => metadata.name)).toEqual(allTopics());
});

test('dead letters are kept for longer than events', () => {
  const retention = documents(strimziTopics()).map(({ metadata, spec }) => [
    metadata.name,
    spec.config['retention.ms'],
  ]);
  const byName = new Map<string, string>(retention as [string, string][]);
  expect(Number(byName.get('evolution-todo.tasks.created'))).toBe(7 * 86_400_000);
  expect(Number(byName.get('evolution-todo.tasks.created.dead'))).toBe(30 * 86_400_000);
});

test('the sidecar gets addresses from the ConfigMap and everything else from its Secret', () => {
  const patch = parse(
    daprEnvironment([
      { name: 'KAFKA_BROKERS', optional: false },
      { name: 'SMTP_PASSWORD', optional: true },
    ]),
  );
  expect(patch.spec.template.spec.containers).toEqual([
    {
      name: 'daprd',
      env: [
        { name: 'KAFKA_BROKERS', valueFrom: { configMapKeyRef: { name: 'evolution-todo', key: 'KAFKA_BROKERS' } } },
        {
          name: 'SMTP_PASSWORD',
          valueFrom: { secretKeyRef: { name: 'evolution-todo-dapr', key: 'SMTP_PASSWORD', optional: true } },
        },
      ],
    },
  ]);
});

test('Kustomize finds every Service, and every file of the sidecar', () => {
  expect(parse(knativeKustomization(definitions)).resources).toHaveLength(definitions.length);
  expect(parse(daprKustomization(['a.yaml', 'b.yaml'])).configMapGenerator[0].files).toEqual(['a.yaml', 'b.yaml']);
});
