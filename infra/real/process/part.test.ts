import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { isAlive } from '../../local/gateway/testGateway.ts';
import { createPart, type Part, type PartActivity } from './part.ts';
import { createWorkshop } from './testProcess.ts';

let workshop: Awaited<ReturnType<typeof createWorkshop>>;
let activities: PartActivity[];
let part: Part;
/** The sign that the part serves, which its process puts up, and takes down when it ends in order. */
let sign: string;

const SERVES = `
  const { rmSync, writeFileSync } = require('node:fs');
  writeFileSync(sign, '');
  process.on('SIGTERM', () => { rmSync(sign); process.exit(); });
  setInterval(() => {}, 1000);`;

function createTestPart(script: string, startTimeoutMs = 20_000): Part {
  part = createPart({
    name: 'part',
    launch: () => workshop.run(`const sign = ${JSON.stringify(sign)}; ${script}`),
    probe: () => access(sign),
    stopSignal: 'SIGTERM',
    stopGraceMs: 10_000,
    startTimeoutMs,
    logFile: '/logs/part.log',
    onActivity: (activity) => activities.push(activity),
  });
  return part;
}

const kinds = () => activities.map(({ kind }) => kind);

beforeEach(async () => {
  workshop = await createWorkshop();
  sign = join(workshop.folder, 'serving');
  activities = [];
});
afterEach(async () => {
  await part.kill();
  await workshop.close();
});

it('serves once started, ends in order when stopped, and serves again when started again', async () => {
  createTestPart(SERVES);
  await Promise.all([part.start(), part.start()]);
  const first = part.pid() as number;
  await part.start();
  expect(part.pid()).toBe(first);
  expect(activities).toEqual([{ part: 'part', kind: 'serving', ms: expect.any(Number) }]);

  await part.stop();
  expect(part.pid()).toBeUndefined();
  expect(isAlive(first)).toBe(false);
  await expect(access(sign)).rejects.toThrow('ENOENT');

  await part.start();
  expect(isAlive(part.pid() as number)).toBe(true);
  expect(kinds()).toEqual(['serving', 'serving']);
});

it('stays down after a kill until it is started', async () => {
  createTestPart(SERVES);
  await part.start();
  await part.kill();
  await rm(sign);
  expect(part.pid()).toBeUndefined();
  await part.start();
  expect(kinds()).toEqual(['serving', 'serving']);
});

it('is started again when it ends by itself, and waits longer each time', async () => {
  createTestPart(`${SERVES} console.log('out of memory'); setTimeout(() => process.exit(7), 100);`);
  await part.start();
  await vi.waitFor(() => expect(kinds().filter((kind) => kind === 'ended').length).toBeGreaterThanOrEqual(3), 20_000);
  const ends = activities.filter((activity) => activity.kind === 'ended');
  expect(ends[0]).toEqual({
    part: 'part',
    kind: 'ended',
    reason: 'exit code 7: "out of memory", see /logs/part.log',
    retryInMs: 250,
  });
  expect(ends.map(({ retryInMs }) => retryInMs).slice(0, 3)).toEqual([250, 500, 1000]);
});

it('rejects with its last words when it ends before it serves', async () => {
  createTestPart(`console.error('no such option'); process.exit(2);`);
  await expect(part.start()).rejects.toThrow(
    'part ended (exit code 2) before it served: "no such option", see /logs/part.log',
  );
  expect(part.pid()).toBeUndefined();
  expect(activities).toEqual([]);
});

it('finds the reason among its last words', async () => {
  const lines = ['LOG: starting', 'FATAL: no space left', '\tat Server.java:12', 'LOG: shut down'];
  createTestPart(`process.stderr.write(${JSON.stringify(`${lines.join('\n')}\n`)}, () => process.exit(1));`);
  await expect(part.start()).rejects.toThrow('"FATAL: no space left", see');
});

it('rejects, and leaves no process, when it takes too long', async () => {
  createTestPart('setInterval(() => {}, 1000)', 200);
  const start = part.start();
  await vi.waitFor(() => expect(part.pid()).toBeDefined());
  const pid = part.pid() as number;
  await expect(start).rejects.toThrow('part does not serve after 0.2 s: see /logs/part.log');
  expect(isAlive(pid)).toBe(false);
});

it('can be stopped while it starts', async () => {
  createTestPart('setInterval(() => {}, 1000)');
  const start = part.start();
  const rejected = expect(start).rejects.toThrow('part ended (SIGKILL) before it served');
  await part.kill();
  await rejected;
  expect(part.pid()).toBeUndefined();
  await writeFile(sign, '');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(part.pid()).toBeUndefined();
});
