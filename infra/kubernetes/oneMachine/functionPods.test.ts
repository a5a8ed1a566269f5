import { expect, it, vi } from 'vitest';
import createTask from '../../../functions/createTask/createTask.ts';
import type { KubernetesApi } from '../cluster/api.ts';
import { type PodActivity, watchFunctionPods } from './functionPods.ts';

type OnLine = (line: string) => void;

/** An API server whose watches and logs the test writes. */
function fakeApi() {
  const streams = new Map<string, OnLine>();
  const api: Pick<KubernetesApi, 'follow'> = {
    follow(path, onLine, signal) {
      streams.set(path.includes('watch=') ? 'watch' : path, onLine);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  };
  return { api: api as KubernetesApi, streams };
}

const pod = (name: string, more: object = {}, status: object = {}) => ({
  metadata: { name, uid: name, labels: { 'serving.knative.dev/service': 'create-task' }, ...more },
  status,
});
const running = { containerStatuses: [{ name: 'user-container', containerID: 'c1', state: { running: {} } }] };

it('tells of a function that wakes, scales out and sleeps, and what its pods log from their start', async () => {
  const { api, streams } = fakeApi();
  const activities: PodActivity[] = [];
  const pods = watchFunctionPods({ api, definitions: [createTask], onActivity: (each) => activities.push(each) });
  const watch = await vi.waitFor(() => streams.get('watch') ?? Promise.reject(new Error('no watch')));
  const change = (type: string, object: object) => watch(JSON.stringify({ type, object }));

  change('ADDED', pod('one'));
  change('MODIFIED', pod('one', {}, running));
  change('MODIFIED', pod('one', {}, running));
  change('ADDED', pod('two'));
  expect(pods.names('createTask')).toEqual(['one', 'two']);
  const logs = [...streams].filter(([path]) => path.endsWith('/pods/one/log?container=user-container&follow=true'));
  expect(logs).toHaveLength(1);
  logs[0]?.[1]('{"outcome":"handled"}');

  // It takes no requests any more, though it is there for half a minute yet.
  change('MODIFIED', pod('one', { deletionTimestamp: '2026-03-01T09:00:00Z' }, running));
  change('DELETED', pod('two'));
  expect(pods.names()).toEqual([]);
  expect(pods.peaks().get('createTask')).toBe(2);
  expect(activities.map(({ type }) => type)).toEqual(['woke', 'output', 'slept']);
  pods.close();
});
