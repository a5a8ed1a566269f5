import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { statementsIn } from './statements.ts';

it('reads from Postgres’s log what it was asked for, and when', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'postgres.log');
  const lines = [
    '2026-03-01 08:59:59.999 UTC [7] LOG:  statement: select 0',
    '2026-03-01 09:00:01.250 UTC [7] LOG:  statement: select 1',
    '2026-03-01 09:00:02.000 UTC [7] LOG:  execute <unnamed>: ',
    '\t  select $1',
    '\t  from tasks',
    "2026-03-01 09:00:02.000 UTC [7] DETAIL:  parameters: $1 = 'a'",
    '2026-03-01 09:01:00.000 UTC [7] LOG:  statement: select 2',
  ];
  await writeFile(file, lines.join('\n'));
  const from = Date.UTC(2026, 2, 1, 9);
  expect(await statementsIn(file, from, from + 60_000)).toEqual([
    { second: 1.25, text: 'select 1' },
    { second: 2, text: 'select $1' },
  ]);
});
