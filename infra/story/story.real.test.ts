import { afterAll, beforeAll, test } from 'vitest';
import { chapters } from './chapters.ts';
import { realWorld } from './realWorld.ts';

/** daprd is built where it never was on this machine. */
const FIRST_START_MS = 20 * 60_000;

let world: Awaited<ReturnType<typeof realWorld>>;

beforeAll(async () => {
  world = await realWorld({ onProgress: (step) => process.stderr.write(`… ${step}\n`) });
}, FIRST_START_MS);

afterAll(() => world?.close());

test.each(chapters)('$title', async ({ run }) => run(world, () => {}), 180_000);
