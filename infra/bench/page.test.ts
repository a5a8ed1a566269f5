import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Row, row } from './figure.ts';
import { describeMachine } from './machine.ts';
import { writePage } from './page.ts';
import { plotOf } from './plot.ts';
import { summarise } from './statistics.ts';

const ms = (...samples: number[]) => ({ unit: 'ms' as const, measured: summarise(samples) });
const rate = (sample: number) => ({ unit: '/s' as const, measured: summarise([sample]) });
const plotted = (rows: Row[]) => plotOf(rows, 'a < b');
const widths = (plot = '') =>
  [...plot.matchAll(/width="([\d.]+)" height="16" fill="(\S+)"/g)].map(([, width]) => Number(width));
const missed = (plot = '') => plot.split('#cf6b00').length - 1;

test('a bar is as long as what it stands for is of its goal, and no longer than the plot', () => {
  const plot = plotted([
    row('half', { ...ms(10), yardstick: summarise([10]), goal: 2 }),
    row('just', { ...ms(15), goal: 15 }),
    row('twice', { ...ms(30), goal: 15 }),
    row('far', { ...ms(15_000), goal: 15 }),
    row('told', ms(5)),
  ]);
  expect(widths(plot)).toEqual([40, 80, 160, 240]);
  expect(missed(plot)).toBe(2);
});

test('of a rate, more is better', () => {
  const plot = plotted([row('good', { ...rate(200), goal: 100 }), row('bad', { ...rate(50), goal: 100 })]);
  expect(widths(plot)).toEqual([40, 160]);
  expect(missed(plot)).toBe(1);
});

test('a plot says what it is of to those who can’t see it', () => {
  expect(plotted([row('good', { ...rate(200), goal: 100 })])).toContain('<title>a &lt; b</title>');
});

test('what has no goal has no plot', () => {
  expect(plotted([row('told', ms(5))])).toBeUndefined();
});

test('a page has each figure that was measured, with its table, and takes the place of the one before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-page-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'old.svg'), '');
  const of = (name: string) => ({ name, summary: `how ${name} it is`, measure: async (): Promise<Row[]> => [] });
  const figures = { fast: [row('a & b <c>', { ...ms(10), goal: 15 })], told: [row('d', ms(5))] };
  const failures = { broken: 'there is no Postgres' };
  const report = { machine: describeMachine(new Date('2026-11-28')), nodes: ['20.20.2'], figures, failures };
  await writePage(folder, report, [of('fast'), of('broken'), of('told'), of('left out')]);
  expect((await readdir(folder)).sort()).toEqual(['README.md', 'fast.svg', 'report.json']);
  const page = await readFile(join(folder, 'README.md'), 'utf8');
  expect(page).toMatch(/## fast\n\nHow fast it is\.\n\n!\[.+\]\(fast\.svg\)\n\n\| +\| median/);
  expect(page).toMatch(/## told\n\nHow told it is\.\n\n\| +\| median/);
  expect(page).toContain('## broken\n\nCould not be measured: there is no Postgres\n\n## told');
  expect(page).not.toContain('left out');
  expect(await readFile(join(folder, 'fast.svg'), 'utf8')).toContain('a &amp; b &lt;c>');
});
