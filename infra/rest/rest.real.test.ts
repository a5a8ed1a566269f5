import { beforeAll, expect, it } from 'vitest';
import { bundleAll } from '../bundle/bundleAll.ts';
import { measureRest } from './measureRest.ts';

const LENGTH_MS = 15_000;
const NEVER = '0 0 1 1 *';

beforeAll(() => bundleAll());

it('sees on the real parts what a cron wakes, what Postgres’s own log tells, and what each part takes', async () => {
  const { functions, database, memory, from } = await measureRest({
    platform: 'real',
    wakeUps: 'cron',
    lengthMs: LENGTH_MS,
    idleSeconds: 1,
    schedules: {
      'outbox-scheduler': NEVER,
      'reminder-scheduler': '*/5 * * * * *',
      'delivery-scheduler': NEVER,
      'recurring-scheduler': NEVER,
    },
    onProgress: (step) => process.stderr.write(`… ${step}\n`),
    signal: new AbortController().signal,
  });
  const [first] = functions.starts;
  expect(new Set(functions.starts.map((start) => start.function))).toEqual(new Set(['reminderCron']));
  expect(functions.processSeconds).toBeGreaterThan(1);
  // Nobody probes the bridge here, and the sidecar's state store is clean.
  expect(database.requests).toEqual({ functions: expect.any(Number), sidecar: 0, 'health probe': 0 });
  expect(database.atSeconds.length).toBeGreaterThan(0);
  expect(database.atSeconds[0]).toBeGreaterThan((Date.parse(first?.at ?? '') - Date.parse(from)) / 1000);
  expect(memory.map(({ part }) => part)).toEqual([
    'Kafka',
    'daprd',
    "daprd's scheduler",
    'Postgres',
    'gateway, bridge and issuer',
  ]);
  for (const { part, mb } of memory) expect(mb, part).toBeGreaterThan(10);
});
