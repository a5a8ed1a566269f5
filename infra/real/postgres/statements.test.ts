import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Statement, statementsIn, transactionsOf } from './statements.ts';

it('reads from Postgres’s log what it was asked for, when, and by whom', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'postgres.log');
  const lines = [
    '2026-03-01 08:59:59.999 UTC [7] evolution-todo LOG:  statement: select 0',
    '2026-03-01 09:00:01.250 UTC [7] evolution-todo LOG:  statement: select 1',
    '2026-03-01 09:00:02.000 UTC [8] [unknown] LOG:  execute <unnamed>: ',
    '\t  select $1',
    '\t  from tasks',
    "2026-03-01 09:00:02.000 UTC [8] [unknown] DETAIL:  parameters: $1 = 'a'",
    '2026-03-01 09:01:00.000 UTC [7] evolution-todo LOG:  statement: select 2',
  ];
  await writeFile(file, lines.join('\n'));
  const from = Date.UTC(2026, 2, 1, 9);
  expect(await statementsIn(file, from, from + 60_000)).toEqual([
    { at: from + 1250, client: 'evolution-todo', pid: 7, text: 'select 1' },
    { at: from + 2000, client: '[unknown]', pid: 8, text: 'select $1' },
  ]);
});

it('counts a transaction once, whatever other connections do meanwhile', () => {
  const statement = (pid: number, text: string): Statement => ({ at: 0, client: '', pid, text });
  const statements = [
    statement(1, 'begin isolation level serializable'),
    statement(2, 'select alone'),
    statement(1, 'select within'),
    statement(1, 'commit'),
    statement(1, 'select behind'),
  ];
  expect(transactionsOf(statements).map(({ text }) => text)).toEqual([
    'begin isolation level serializable',
    'select alone',
    'select behind',
  ]);
});
