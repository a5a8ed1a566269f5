import { expect, test } from 'vitest';
import type { LiveObject } from './objects.ts';
import { lackOf } from './ready.ts';

const live = (apiVersion: string, kind: string, status?: LiveObject['status'], spec = {}): LiveObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', generation: 2 },
  spec,
  status,
});
const knative = (status?: LiveObject['status']) => live('serving.knative.dev/v1', 'Service', status);
const deployment = (status?: LiveObject['status']) => live('apps/v1', 'Deployment', status, { replicas: 2 });
const route = (...parents: NonNullable<NonNullable<LiveObject['status']>['parents']>) =>
  live('gateway.networking.k8s.io/v1', 'HTTPRoute', { parents });
const ready = (more: object = {}) => ({ type: 'Ready', status: 'True', ...more });

test.each<{ what: string; object: LiveObject; lack: string | undefined }>([
  { what: 'a ConfigMap', object: live('v1', 'ConfigMap'), lack: undefined },
  { what: 'a core Service', object: live('v1', 'Service'), lack: undefined },
  { what: 'a function that is new', object: knative(), lack: 'no condition Ready yet' },
  {
    what: 'a function that was ready before its change',
    object: knative({ observedGeneration: 1, conditions: [ready()] }),
    lack: 'not seen by its controller yet',
  },
  {
    what: 'a function that fails',
    object: knative({
      observedGeneration: 2,
      conditions: [ready({ status: 'False', reason: 'RevisionFailed', message: 'no such image' })],
    }),
    lack: 'Ready is False (RevisionFailed): no such image',
  },
  {
    what: 'a function that is ready',
    object: knative({ observedGeneration: 2, conditions: [ready()] }),
    lack: undefined,
  },
  {
    what: 'a Deployment with its old pods',
    object: deployment({ observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
    lack: 'not seen by its controller yet',
  },
  {
    what: 'a Deployment in between',
    object: deployment({ observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 2 }),
    lack: '2 of 2 pods available, 1 of them new',
  },
  {
    what: 'a Deployment that gives up',
    object: deployment({
      observedGeneration: 2,
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
    }),
    lack: 'Progressing is False (ProgressDeadlineExceeded)',
  },
  {
    what: 'a Deployment with its new pods',
    object: deployment({ observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
    lack: undefined,
  },
  { what: 'a route without a gateway', object: route(), lack: 'no gateway has taken it yet' },
  {
    what: 'a route to nowhere',
    object: route({
      conditions: [
        { type: 'Accepted', status: 'True', observedGeneration: 2 },
        { type: 'ResolvedRefs', status: 'False', reason: 'RefNotPermitted', observedGeneration: 2 },
      ],
    }),
    lack: 'ResolvedRefs is False (RefNotPermitted)',
  },
  {
    what: 'a route as it was before',
    object: route({ conditions: [{ type: 'Accepted', status: 'True', observedGeneration: 1 }] }),
    lack: 'not seen by its controller yet',
  },
])('$what lacks: $lack', ({ object, lack }) => {
  expect(lackOf(object)).toBe(lack);
});
