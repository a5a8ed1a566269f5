import { bundleAll } from '../bundle/bundleAll.ts';

/** Runs once before all tests: those that start functions as processes find their bundles as they are now. */
export async function setup(): Promise<void> {
  await bundleAll();
}
