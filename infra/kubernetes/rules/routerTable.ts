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

/** The paths that daprd calls, each with what makes it call. */
export function internalRoutes(system: System): { kind: 'Subscription' | 'Component'; name: string; path: string }[] {
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
  return [...subscriptions, ...bindings];
}

function isInput(component: DaprResource): boolean {
  return component.spec.type === 'bindings.cron' || metadataValue(component, 'direction')?.includes('input') === true;
}
