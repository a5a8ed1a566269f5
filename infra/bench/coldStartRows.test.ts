import { expect, test } from 'vitest';
import { contender } from './coldStartPrograms.ts';
import { coldStartRows, type Run } from './coldStartRows.ts';

const run = (answered: number, database = 0): Run => ({ listening: answered - 20, answered, database, cpu: answered });
const rung = { part: 'Hono', entry: '' };
const measured = new Map([
  [contender.bare, [run(80)]],
  ['createTask', [run(200, 8)]],
  [contender.rung('createTask', rung), [run(100)]],
  [contender.whole('createTask'), [run(800, 8)]],
]);

test('a function stands beside each yardstick, or one is said to be missing, and a rung of its ladder beside the bare server', () => {
  const rows = coldStartRows('createTask', { version: '24.1.0', cached: true }, [rung], measured);
  const subject = 'createTask, Node 24, compiled before';
  expect(rows.map(({ subject, ratio, goal }) => [subject, ratio, goal])).toEqual([
    [`${subject}: listening`, 3, null],
    [`${subject}: first 201 of POST /tasks`, 2.5, null],
    [`${subject}: of that, the database`, null, null],
    [`${subject}: first 201 of POST /tasks, without the database`, 2.4, 1.15],
    [`${subject}: computing until then`, 2.5, null],
    [`${subject}: first 201 of POST /tasks, beside itself with whole packages`, 0.25, null],
    [`${subject}: first 201 of POST /tasks; FastAPI with Dapr’s SDK is missing here`, null, null],
    [`${subject}: computing of a program up to Hono`, 1.25, null],
  ]);
});

test('where the system does not tell what was computed, nothing is said of it', () => {
  const runs = [...measured].map(([name, runs]) => [name, runs.map((each) => ({ ...each, cpu: null }))] as const);
  const rows = coldStartRows('createTask', { version: '20.1.0', cached: false }, [rung], new Map(runs));
  expect(rows.map(({ subject }) => subject).filter((subject) => subject.includes('computing'))).toEqual([]);
});
