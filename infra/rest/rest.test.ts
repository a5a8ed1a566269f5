import { beforeAll, expect, it, vi } from 'vitest';
import { bundleAll } from '../bundle/bundleAll.ts';
import { measureRest } from './measureRest.ts';

// Seconds in place of an hour.
const LENGTH_MS = 10_000;
/** Each test starts a platform, and ends it. */
const TIMEOUT_MS = 120_000;
const NEVER = '0 0 1 1 *';
const quiet = {
  'outbox-scheduler': NEVER,
  'reminder-scheduler': NEVER,
  'delivery-scheduler': NEVER,
  'recurring-scheduler': NEVER,
};
const options = () => ({
  platform: 'embedded' as const,
  wakeUps: undefined,
  lengthMs: LENGTH_MS,
  idleSeconds: 1,
  onProgress: (_: string) => {},
  signal: new AbortController().signal,
});

vi.setConfig({ testTimeout: TIMEOUT_MS });
beforeAll(() => bundleAll());

it('sees that nothing happens where nothing is due', async () => {
  const report = await measureRest({ ...options(), lengthMs: 3_000, schedules: quiet });
  expect(report).toMatchObject({
    platform: 'embedded',
    wakeUps: 'jobs',
    seconds: 3,
    functions: { starts: [], processSeconds: 0 },
    database: { requests: { functions: 0, sidecar: 0, 'health probe': 0 }, atSeconds: [], neonSeconds: 0 },
  });
  expect(Date.parse(report.to) - Date.parse(report.from)).toBe(3_000);
  expect(report.memory).toEqual([{ part: expect.any(String), mb: expect.any(Number), isDatabase: false }]);
  expect(report.memory[0]?.mb).toBeGreaterThan(50);
});

it('sees which function a cron wakes, for how long, and that the database is awake from then on', async () => {
  const { functions, database, from } = await measureRest({
    ...options(),
    schedules: { ...quiet, 'reminder-scheduler': '*/4 * * * * *' },
  });
  const [first] = functions.starts;
  expect(new Set(functions.starts.map((start) => start.function))).toEqual(new Set(['reminderCron']));
  // At a full four seconds, within the time that it takes to start.
  expect((Date.parse(first?.at ?? '') / 1000) % 4).toBeLessThan(2);
  // It was stopped when it had been idle for a second, each time.
  expect(functions.processSeconds).toBeGreaterThan(1);
  expect(functions.processSeconds).toBeLessThan(LENGTH_MS / 1000);
  expect(database.requests.functions).toBeGreaterThan(0);
  const wokenAt = (Date.parse(first?.at ?? '') - Date.parse(from)) / 1000;
  expect(database.atSeconds[0]).toBeGreaterThan(wokenAt);
  expect(database.neonSeconds).toBeCloseTo(LENGTH_MS / 1000 - (database.atSeconds[0] ?? 0), 5);
});

it('ends in the middle when it is told to, and the system with it', async () => {
  const stop = new AbortController();
  const close = vi.fn(async () => {});
  const measuring = measureRest({
    ...options(),
    lengthMs: 3_600_000,
    signal: stop.signal,
    onProgress: (line) => line.startsWith('waiting until') && stop.abort(new Error('stopped')),
    async start({ onActivity }) {
      onActivity({ type: 'waking', function: 'outboxCron' });
      return { wakeUps: 'jobs', databaseRequests: async () => [], memory: async () => [], close };
    },
  });
  await expect(measuring).rejects.toThrow('stopped');
  expect(close).toHaveBeenCalledOnce();
});
