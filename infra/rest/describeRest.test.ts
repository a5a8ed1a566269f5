import { expect, it } from 'vitest';
import { costTable, restTable, warningsOf } from './describeRest.ts';
import type { RestReport } from './measureRest.ts';

const hour: RestReport = {
  platform: 'real',
  wakeUps: 'jobs',
  machine: { cores: 2, model: 'AMD EPYC', memoryGb: 24, load: 0.5, date: '2026-03-01T08:10:00.000Z' },
  node: '20.20.2',
  from: '2026-03-01T08:10:00.000Z',
  to: '2026-03-01T09:10:00.000Z',
  fullHours: ['2026-03-01T09:00:00.000Z'],
  seconds: 3600,
  functions: {
    starts: [
      { function: 'outboxCron', at: '2026-03-01T09:00:00.000Z', seconds: 31 },
      { function: 'reminderCron', at: '2026-03-01T09:00:00.010Z', seconds: 32 },
    ],
    processSeconds: 63,
  },
  database: { requests: { functions: 6, sidecar: 1, 'health probe': 0 }, atSeconds: [3000.5], neonSeconds: 300 },
  memory: [
    { part: 'Kafka', mb: 358.4, isDatabase: false },
    { part: 'daprd', mb: 153.6, isDatabase: false },
    { part: 'Postgres', mb: 50, isDatabase: true },
  ],
};

const rowsOf = (table: string) =>
  table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

it('a measurement is one line of a table', () => {
  expect(rowsOf(restTable([hour]))[2]).toEqual([
    'real, jobs',
    '60.0',
    '1',
    '2: outboxCron 1, reminderCron 1',
    '63.0',
    '6, sidecar 1',
    '300 s',
    'Kafka 358 MB, daprd 154 MB, Postgres 50.0 MB',
  ]);
});

it('months stand side by side, by users, and a database that is one’s own is no part of what stays up', () => {
  const cron: RestReport = { ...hour, wakeUps: 'cron', database: { ...hour.database, neonSeconds: 3600 } };
  const rows = rowsOf(costTable([hour, cron])).slice(2);
  expect(rows.map(([users, name]) => [users, name])).toEqual([
    ['0', 'real, jobs'],
    ['0', 'real, minute cron'],
    ['1', 'real, jobs'],
    ['1', 'real, minute cron'],
    ['1,000', 'real, jobs'],
    ['1,000', 'real, minute cron'],
    ['1,000,000', 'real, jobs'],
    ['1,000,000', 'real, minute cron'],
  ]);
  expect(rows[0]?.slice(2)).toEqual(['8.3 %', '15.2', '$1.61', '1,460', '0.8', '365']);
  expect(rows[1]?.slice(2, 5)).toEqual(['100 %', '183', '$19.34']);
});

it('tells what a window lacks', () => {
  expect(warningsOf(hour)).toEqual([]);
  const minute = { ...hour, seconds: 60, fullHours: [], memory: [] };
  expect(warningsOf(minute)).toEqual([
    expect.stringContaining('not of whole hours'),
    expect.stringContaining('no full hour'),
    expect.stringContaining('ran all the time'),
  ]);
});
