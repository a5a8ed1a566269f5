import type { SqlEngine } from '../../postgres/engine.ts';
import type { StateComponent } from '../resources/stateComponent.ts';
import type { NamedStateStore } from './routes.ts';
import { openStateStore } from './store.ts';

/** The stores of all state components, which are cleaned from time to time until they are closed. */
export interface StateStores {
  stores: readonly NamedStateStore[];
  close(): void;
}

/** What the stores need. */
export interface StateStoresOptions {
  components: readonly StateComponent[];
  /** Where they keep what they are given; without it there are none. */
  engine: SqlEngine | undefined;
  appId: string;
  warn: (message: string) => void;
}

/** Opens the stores of these components. */
export async function openStateStores({ components, engine, appId, warn }: StateStoresOptions): Promise<StateStores> {
  const stores: NamedStateStore[] = [];
  const cleaning: NodeJS.Timeout[] = [];
  for (const component of components) {
    const { name, cleanupIntervalMs } = component;
    if (!engine) {
      warn(`the component ${name} is not served: the sidecar was given no Postgres to keep state in`);
      continue;
    }
    const store = await openStateStore(engine, component);
    stores.push({ ...store, name, storedKey: (key) => component.storedKey(key, appId) });
    const clean = () => store.clean().catch((error: Error) => warn(`${name} could not be cleaned: ${error.message}`));
    if (cleanupIntervalMs) cleaning.push(setInterval(clean, cleanupIntervalMs).unref());
  }
  return { stores, close: () => cleaning.forEach(clearInterval) };
}
