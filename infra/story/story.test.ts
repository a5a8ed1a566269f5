import { afterAll, beforeAll, test } from 'vitest';
import { chapters } from './chapters.ts';
import { embeddedWorld } from './embeddedWorld.ts';

let world: Awaited<ReturnType<typeof embeddedWorld>>;

beforeAll(async () => {
  world = await embeddedWorld();
}, 120_000);

afterAll(() => world?.close());

test.each(chapters)('$title', async ({ run }) => run(world, () => {}), 180_000);
