import { allContainers, daprd, flagsOf } from './objects.ts';
import type { Rule } from './rule.ts';

/** Those that Knative's queue-proxy listens on in a function's pod: requests, administration, metrics, profiles. */
const QUEUE_PROXY = [8008, 8012, 8013, 8022, 8112, 9090, 9091];

/** What listens on one of queue-proxy's ports breaks either of the two. daprd's own default for metrics is one of them. */
export const reservedPorts: Rule = {
  name: 'reserved-ports',
  check(system) {
    const declared = allContainers(system).flatMap(({ owner, container }) =>
      (container.ports ?? []).map(({ containerPort }) => ({ owner, port: containerPort })),
    );
    const flags = [...flagsOf(daprd(system).container)].filter(([name]) => name.endsWith('-port'));
    const used = [...declared, ...flags.map(([owner, value]) => ({ owner, port: Number(value) }))];
    const metrics = flags.some(([name]) => name === '--metrics-port') ? [] : ['daprd has no metrics port of its own'];
    return [
      ...used.filter(({ port }) => QUEUE_PROXY.includes(port)).map(({ owner, port }) => `${owner} uses ${port}`),
      ...metrics,
    ];
  },
};
