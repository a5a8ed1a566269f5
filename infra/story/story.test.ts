import { afterAll, beforeAll, test } from 'vitest';
import { bundleFunction } from '../bundle/bundle.ts';
import { loadFunctions } from '../functions.ts';
import { chapters } from './chapters.ts';
import { embeddedWorld } from './embeddedWorld.ts';

let world: Awaited<ReturnType<typeof embeddedWorld>>;

beforeAll(async () => {
  await Promise.all((await loadFunctions()).map(({ name }) => bundleFunction(name)));
  world = await embeddedWorld();
}, 120_000);

afterAll(() => world?.close());

test.each(chapters)('$title', async ({ run }) => run(world, () => {}), 90_000);
