import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loggedRequests } from './loggedRequests.ts';

it('tells the functions’ transactions from the sidecar’s and from probes of the bridge', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'postgres.log');
  const at = '2026-03-01 09:00:00';
  const lines = [
    `${at}.100 UTC [7] evolution-todo LOG:  statement: begin`,
    `${at}.101 UTC [7] evolution-todo LOG:  execute <unnamed>: select 1`,
    `${at}.102 UTC [7] evolution-todo LOG:  statement: commit`,
    `${at}.200 UTC [7] evolution-todo LOG:  execute <unnamed>: select 1`,
    `${at}.300 UTC [9] [unknown] LOG:  statement: delete from dapr_state where expires_at < now()`,
  ];
  await writeFile(file, lines.join('\n'));
  const from = Date.parse(`${at.replace(' ', 'T')}Z`);
  expect(await loggedRequests(file, { from, to: from + 1000 })).toEqual([
    { at: from + 100, by: 'functions' },
    { at: from + 200, by: 'health probe' },
    { at: from + 300, by: 'sidecar' },
  ]);
});
