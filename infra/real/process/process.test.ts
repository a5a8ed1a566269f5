import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createOrphanReaper } from '../../local/gateway/orphanReaper.ts';
import { isAlive } from '../../local/gateway/testGateway.ts';
import { startProcess } from './process.ts';
import { createWorkshop } from './testProcess.ts';

const STAYS = 'setInterval(() => {}, 1000); console.log("up");';

let workshop: Awaited<ReturnType<typeof createWorkshop>>;
beforeEach(async () => {
  workshop = await createWorkshop();
});
afterEach(() => workshop.close());

it('adds what the process writes to its log, hands each line on, and keeps the last ones', async () => {
  const lines: string[] = [];
  const script =
    'for (let n = 1; n <= 40; n += 1) console.log("line " + n); console.error("end"); process.exitCode = 3;';
  const running = await workshop.run(script, (line) => lines.push(line));
  expect(await running.exited).toBe('exit code 3');
  expect(lines).toContain('line 1');
  expect(lines).toHaveLength(41);
  expect(running.lastLines()).toHaveLength(30);
  expect(running.lastLines()).toContain('line 40');
  await vi.waitFor(async () => expect(await readFile(workshop.logFile, 'utf8')).toContain('line 1\nline 2\n'));

  await (await workshop.run('console.log("a second run")')).exited;
  await vi.waitFor(async () =>
    expect(await readFile(workshop.logFile, 'utf8')).toMatch(/^line 1\n[\s\S]*a second run\n$/),
  );
});

it('asks a process to end, and kills one that does not within its grace', async () => {
  const polite = await workshop.run(STAYS);
  await vi.waitFor(() => expect(polite.lastLines()).toEqual(['up']));
  await polite.stop('SIGTERM', 10_000);
  expect(await polite.exited).toBe('SIGTERM');

  const deaf = await workshop.run(`process.on('SIGTERM', () => {}); ${STAYS}`);
  await vi.waitFor(() => expect(deaf.lastLines()).toEqual(['up']));
  await deaf.stop('SIGTERM', 50);
  expect(await deaf.exited).toBe('SIGKILL');
  expect(isAlive(deaf.pid)).toBe(false);
});

it('kills what the process started, too', async () => {
  const running = await workshop.run(
    `const child = require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(STAYS)}]); console.log(child.pid);`,
  );
  const child = await vi.waitFor(() => {
    const pid = Number(running.lastLines()[0]);
    expect(pid).toBeGreaterThan(1);
    return pid;
  });
  await running.kill();
  await vi.waitFor(() => expect(isAlive(child)).toBe(false));
});

it('rejects when there is no such program', async () => {
  const reaper = createOrphanReaper();
  const start = startProcess({ command: ['/nowhere/daprd'], env: {}, logFile: workshop.logFile, reaper });
  await expect(start).rejects.toThrow('/nowhere/daprd ENOENT');
  await reaper.close();
});
