import { isJob } from '../../../shared/runtime/defineFunction.ts';
import { routeOf } from '../../../shared/runtime/route.ts';
import { readTable, type ServiceRoute } from '../router/table.ts';
import { type DaprResource, daprd, daprResources, metadataValue, mountedFiles, type System } from './objects.ts';

/** Where the router reads its table, as its container is told. */
export function routerTable(system: System): ServiceRoute[] {
  const { spec } = daprd(system).deployment.spec.template;
  const router = spec.initContainers?.find(({ name }) => name === 'router');
  const file = router?.env?.find(({ name }) => name === 'ROUTES_FILE')?.value;
  if (!router || !file) throw new Error('daprd has no router with a ROUTES_FILE');
  const [, folder = '', name = ''] = /^(.*)\/([^/]+)$/.exec(file) ?? [];
  return readTable(mountedFiles(system, spec, router, folder)[name] ?? '[]');
}

/** A path that daprd calls, and what makes it call. */
interface InternalRoute {
  kind: 'Subscription' | 'Component' | 'Job';
  name: string;
  path: string;
}

/** The paths that daprd calls: those that its resources name, and those of the jobs that functions are woken by. */
export function internalRoutes(system: System): InternalRoute[] {
  const subscriptions = daprResources(system, 'Subscription').map(({ metadata, spec }) => ({
    kind: 'Subscription' as const,
    name: metadata.name,
    path: spec.routes?.default ?? '/',
  }));
  const bindings = daprResources(system, 'Component')
    .filter(isInput)
    .map((component) => ({
      kind: 'Component' as const,
      name: component.metadata.name,
      path: metadataValue(component, 'route') ?? `/${component.metadata.name}`,
    }));
  const jobs = system.definitions.filter(isJob).map(({ trigger }) => ({
    kind: 'Job' as const,
    name: `the job ${trigger.job}`,
    path: routeOf(trigger).path,
  }));
  return [...subscriptions, ...bindings, ...jobs];
}

function isInput(component: DaprResource): boolean {
  return component.spec.type === 'bindings.cron' || metadataValue(component, 'direction')?.includes('input') === true;
}
