import { PUBSUB_NAME } from '../../../shared/events/catalogue.ts';
import { parseDuration } from '../../local/sidecar/resources/duration.ts';
import { daprFiles, daprResources, knativeServices, type System } from './objects.ts';
import { internalRoutes, routerTable } from './routerTable.ts';
import type { Rule } from './rule.ts';

/** Without a retry the first failure, one cold start's 503 included, makes a dead letter; without an end it blocks. */
export const retries: Rule = {
  name: 'retries',
  check(system) {
    const { spec, inbound } = delivery(system);
    const policy = spec?.policies?.retries?.[inbound?.retry ?? ''];
    if (!policy) return [`deliveries from ${PUBSUB_NAME} have no retry policy`];
    const isBounded = policy.maxRetries !== undefined && policy.maxRetries > 0;
    return isBounded ? [] : [`the retry policy ${inbound?.retry} does not end, or does not begin`];
  },
};

/** A try must outlast the function, or its effect comes while the sidecar is trying again already. */
export const timeouts: Rule = {
  name: 'timeouts',
  check(system) {
    const { spec, inbound } = delivery(system);
    const timeout = spec?.policies?.timeouts?.[inbound?.timeout ?? ''];
    if (timeout === undefined) return [`deliveries from ${PUBSUB_NAME} have no timeout`];
    const limitMs = parseDuration(timeout);
    const routes = internalRoutes(system).filter(({ kind }) => kind === 'Subscription');
    const functions = new Set(
      routes.flatMap(({ path }) => routerTable(system).filter((route) => route.path === path)).map((r) => r.service),
    );
    return knativeServices(system)
      .filter(({ metadata }) => functions.has(metadata.name))
      .map(({ metadata, spec }) => ({ name: metadata.name, seconds: spec.template.spec.timeoutSeconds ?? Infinity }))
      .filter(({ seconds }) => seconds * 1000 >= limitMs)
      .map(({ name, seconds }) => `${name} may take ${seconds} s, its delivery no more than ${timeout}`);
  },
};

/** The router gives a function what it may take, and a cold start. */
export const routerTimeouts: Rule = {
  name: 'router-timeouts',
  check: (system) =>
    routerTable(system).flatMap(({ service, timeoutMs }) => {
      const backend = knativeServices(system).find(({ metadata }) => metadata.name === service);
      const seconds = backend?.spec.template.spec.timeoutSeconds ?? 0;
      return timeoutMs > seconds * 1000
        ? []
        : [`the router waits ${timeoutMs} ms for ${service}, which may take ${seconds} s`];
    }),
};

/** daprd ignores a Resiliency that is a further document of a file, without a word. */
export const resiliencyAlone: Rule = {
  name: 'resiliency-alone',
  check: (system) =>
    [...daprFiles(system)]
      .filter(([, resources]) => resources.length > 1 && resources.some(({ kind }) => kind === 'Resiliency'))
      .map(([file]) => `${file} has a Resiliency that is not alone`),
};

function delivery(system: System) {
  const target = (resource: ReturnType<typeof daprResources>[number]) =>
    resource.spec.targets?.components?.[PUBSUB_NAME]?.inbound;
  const resiliency = daprResources(system, 'Resiliency').find(target);
  return { spec: resiliency?.spec, inbound: resiliency && target(resiliency) };
}
