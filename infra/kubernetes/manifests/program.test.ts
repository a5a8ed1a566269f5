import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { manifestsProgram } from './program.ts';

afterEach(() => vi.unstubAllEnvs());

it('names Go, and what to install, where there is none: nothing is skipped in silence', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'empty-'));
  vi.stubEnv('PATH', empty);
  vi.stubEnv('XDG_CACHE_HOME', empty);
  await expect(manifestsProgram(() => {})).rejects.toThrow(/^go is missing: install Go 1\.\d+\.\d+ or later/);
  await rm(empty, { recursive: true, force: true });
});
