import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ask, eventually, isAlive, openGateway, startLog, testFunction } from './testGateway.ts';

test('closing lets a request in flight finish, refuses new ones and leaves no process', async () => {
  const gateway = await openGateway();
  const { pid } = await ask(`${gateway.publicUrl}/tasks/1`);
  const running = ask(`${gateway.publicUrl}/tasks/2?wait=200`);
  await eventually(() => expect(gateway.reported('output')).toHaveLength(2));

  const closed = gateway.close();

  expect((await running).status).toBe(200);
  await closed;
  expect(isAlive(pid)).toBe(false);
  await expect(fetch(gateway.publicUrl)).rejects.toThrow();
  await gateway.close();
});

test('a request that does not finish within the grace is cut, and its process killed', async () => {
  const stubborn = testFunction({ env: { IGNORE_SIGTERM: '1' } });
  const gateway = await openGateway({ functions: [stubborn], stopGraceMs: 100 });
  const { pid } = await ask(`${gateway.publicUrl}/tasks/1`);
  const running = fetch(`${gateway.publicUrl}/tasks/2?wait=60000`);
  await eventually(() => expect(gateway.reported('output')).toHaveLength(2));

  await Promise.all([
    gateway.close(),
    expect(running)
      .rejects.toThrow()
      .catch(() => running),
  ]);

  expect(isAlive(pid)).toBe(false);
});

test('closing while a process starts ends it and refuses those who wait', async () => {
  const log = await startLog();
  const slow = testFunction({ env: { START_DELAY_MS: '60000', START_LOG: log.path } });
  const gateway = await openGateway({ functions: [slow] });
  const waiting = fetch(`${gateway.publicUrl}/tasks/1`);
  await eventually(async () => expect(await log.pids()).toHaveLength(1));

  await gateway.close();

  const response = await waiting;
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ detail: 'the gateway shuts down' });
  expect((await log.pids()).filter(isAlive)).toEqual([]);
});

test('what a function started goes with it', async () => {
  const log = await startLog();
  const gateway = await openGateway({ functions: [testFunction({ env: { GRANDCHILD: '1', START_LOG: log.path } })] });
  await ask(`${gateway.publicUrl}/tasks/1`);
  const family = await log.pids();
  expect(family).toHaveLength(2);
  expect(family.every(isAlive)).toBe(true);

  await gateway.close();

  await eventually(() => expect(family.filter(isAlive)).toEqual([]));
});

/** A gateway in a process of its own, which prints its address. */
async function gatewayProcess(): Promise<{
  child: ReturnType<typeof spawn>;
  url: string;
  starts: () => Promise<number[]>;
}> {
  const log = await startLog();
  const script = join(dirname(log.path), 'gateway.ts');
  const options = { functions: [testFunction({ env: { START_LOG: log.path } })], publicPort: 0, internalPort: 0 };
  await writeFile(
    script,
    `import { startGateway } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'gateway.ts')).href)};
     startGateway(${JSON.stringify(options)}).then(({ publicUrl }) => process.stdout.write(publicUrl));`,
  );
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(child.stdout, 'data');
  return { child, url: String(url), starts: log.pids };
}

test.each([
  ['the gateway alone', (pid: number) => process.kill(pid, 'SIGKILL')],
  ['its whole process group', (pid: number) => process.kill(-pid, 'SIGKILL')],
])('killing %s leaves no function behind', async (_, kill) => {
  const { child, url, starts } = await gatewayProcess();
  const { pid } = await ask(`${url}/tasks/1`);
  const hanging = fetch(`${url}/tasks/2?wait=60000`).catch(() => 'cut');
  expect(isAlive(pid)).toBe(true);

  kill(child.pid ?? 0);

  await eventually(() => expect(isAlive(pid)).toBe(false));
  expect(await hanging).toBe('cut');
  expect(await starts()).toEqual([pid]);
});
