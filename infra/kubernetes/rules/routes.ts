import { type FunctionDefinition, isHttp } from '../../../shared/runtime/defineFunction.ts';
import { resourceName, routeOf } from '../../../shared/runtime/route.ts';
import { isForOperators, serviceHost } from '../../generate/kubernetes.ts';
import { type HttpRoute, httpRoutes, knativeServices, type System } from './objects.ts';
import { internalRoutes, routerTable } from './routerTable.ts';
import type { Rule } from './rule.ts';

/** What daprd calls comes to exactly one function. */
export const internalRoutesExist: Rule = {
  name: 'internal-routes',
  check(system) {
    const services = knativeServices(system).map(({ metadata }) => metadata.name);
    return internalRoutes(system).flatMap(({ name, path }) => {
      const routes = routerTable(system).filter((route) => route.method === 'POST' && route.path === path);
      const lost = routes.filter(({ service }) => !services.includes(service));
      return [
        ...(routes.length === 1 ? [] : [`${path}, which ${name} calls, has ${routes.length} routes`]),
        ...lost.map(({ service }) => `${path} leads to ${service}, which is not there`),
      ];
    });
  },
};

/** The router's table has every function's route. */
export const routerComplete: Rule = {
  name: 'router-table',
  check: (system) =>
    system.definitions.flatMap((definition) => {
      const { method, path } = routeOf(definition.trigger);
      const route = routerTable(system).find((each) => each.method === method && each.path === path);
      const name = resourceName(definition);
      return route?.service === name ? [] : [`${method} ${path} does not lead to ${name}`];
    }),
};

/** Events, ticks and operators' requests come from inside: no route for clients takes their paths. */
export const nothingInternalIsPublic: Rule = {
  name: 'public-paths',
  check(system) {
    const hidden = [
      ...internalRoutes(system).map(({ path }) => path),
      ...system.definitions.filter(isHidden).map(({ trigger }) => routeOf(trigger).path),
    ];
    return [...new Set(hidden)].flatMap((path) => {
      const takers = httpRoutes(system).filter((route) => takes(route, path.replaceAll(/:\w+/g, 'x')));
      return takers.map(({ metadata }) => `the route ${metadata.name} lets clients reach ${path}`);
    });
  },
};

/** Each function for clients has one route, with its method and its path, that asks its Service by name. */
export const publicRoutesExist: Rule = {
  name: 'public-routes',
  check: (system) =>
    system.definitions
      .filter((definition) => !isHidden(definition))
      .flatMap((definition) => {
        const { method, path } = routeOf(definition.trigger);
        const name = resourceName(definition);
        const routes = takersOf(system, path.replaceAll(/:\w+/g, 'x'), method);
        const hosts = routes.flatMap(({ spec }) => spec.rules.flatMap(({ filters = [] }) => filters));
        const isRewritten = hosts.some(({ urlRewrite }) => urlRewrite?.hostname === serviceHost(name));
        return [
          ...(routes.length === 1 ? [] : [`${method} ${path} has ${routes.length} routes`]),
          ...(routes.length === 1 && !isRewritten ? [`${method} ${path} does not lead to ${name}`] : []),
        ];
      }),
};

/** Knative gives no function a host name of its own, past the one host and its routes. */
export const clusterLocal: Rule = {
  name: 'cluster-local',
  check: (system) =>
    knativeServices(system)
      .filter(({ metadata }) => metadata.labels?.['networking.knative.dev/visibility'] !== 'cluster-local')
      .map(({ metadata }) => `${metadata.name} is reachable from outside by a host name of its own`),
};

function isHidden(definition: FunctionDefinition): boolean {
  return !isHttp(definition) || isForOperators(definition);
}

/** The routes that get a request. Where one has the very path, no expression does (Gateway API, HTTPRouteRule). */
function takersOf(system: System, path: string, method: string): HttpRoute[] {
  const all = httpRoutes(system).filter((route) => takes(route, path, method));
  const exact = all.filter(({ spec }) =>
    spec.rules.some(({ matches }) => matches.some((match) => match.path.type === 'Exact' && match.path.value === path)),
  );
  return exact.length > 0 ? exact : all;
}

/** Whether a route takes a path, with this method or with any. */
function takes({ spec }: HttpRoute, path: string, method?: string): boolean {
  return spec.rules.some(({ matches }) =>
    matches.some((match) => {
      const hasMethod = method === undefined || match.method === undefined || match.method === method;
      return hasMethod && matchesPath(match.path, path);
    }),
  );
}

function matchesPath({ type, value }: { type: string; value: string }, path: string): boolean {
  if (type === 'Exact') return value === path;
  if (type === 'RegularExpression') return new RegExp(value).test(path);
  const prefix = value.replace(/\/$/, '');
  return path === prefix || path.startsWith(`${prefix}/`);
}
