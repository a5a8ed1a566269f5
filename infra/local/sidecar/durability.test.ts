import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  cloudEvent,
  eventually,
  PUBSUB,
  publishTo,
  RESILIENCY,
  resourceFolder,
  subscriptionYaml,
  temporaryFolder,
} from './testing/fixture.ts';
import { startRecordingApp } from './testing/recordingApp.ts';

const FILES = {
  'pubsub.yaml': PUBSUB,
  'subscription.yaml': subscriptionYaml('tasks', 'deadLetterTopic: tasks.dead'),
  'resiliency.yaml': RESILIENCY.replace('10ms', '10s'),
};

/** Starts a sidecar in a process of its own, which can be killed. */
async function startProcess(options: { resourcesPath: string; dataDir: string; appChannel: string }) {
  const script = new URL('./testing/sidecarProcess.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [url] = await once(createInterface(child.stdout), 'line');
  return { child, url: String(url) };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('a sidecar that is killed', () => {
  it('has lost nothing that it accepted, in the middle of hundreds of publishes and deliveries', async () => {
    const app = await startRecordingApp(0);
    onTestFinished(() => app.close());
    const options = {
      resourcesPath: await resourceFolder(FILES),
      dataDir: await temporaryFolder(),
      appChannel: app.url,
    };
    const accepted: string[] = [];
    for (const round of [1, 2, 3]) {
      const { child, url } = await startProcess(options);
      const before = accepted.length;
      const publishing = Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 0; ; n += 1) {
          const id = `${round}-${writer}-${n}`;
          const answer = await publishTo(url, 'tasks', cloudEvent(id), { key: `writer-${writer}` }).catch(
            () => undefined,
          );
          if (answer?.status !== 204) return;
          accepted.push(id);
        }
      });
      await eventually(() => expect(accepted.length - before).toBeGreaterThan(100));
      await kill(child);
      await Promise.all(publishing);
    }
    await startProcess(options);
    const ids = () => app.calls('/events/tasks').map(({ body }) => JSON.parse(body).id as string);
    await eventually(() => {
      const delivered = new Set(ids());
      expect(accepted.filter((id) => !delivered.has(id))).toEqual([]);
    });
    // The order of a key holds: apart from repetitions, which a kill may cause, numbers only grow.
    const firstSeen = [...new Set(ids())].filter((id) => id.startsWith('2-3-')).map((id) => Number(id.split('-')[2]));
    expect(firstSeen).toEqual([...firstSeen].sort((a, b) => a - b));
  });

  it('delivers again what was being delivered or waited for its next try, and not what was done', async () => {
    const app = await startRecordingApp(0);
    onTestFinished(() => app.close());
    const options = {
      resourcesPath: await resourceFolder(FILES),
      dataDir: await temporaryFolder(),
      appChannel: app.url,
    };
    app.answer('/events/tasks', ({ body }) => {
      const { id } = JSON.parse(body);
      if (id === 'running') return undefined;
      return { status: id === 'waiting' ? 500 : 200 };
    });
    const first = await startProcess(options);
    await publishTo(first.url, 'tasks', cloudEvent('done'), { key: 'a' });
    await eventually(() => expect(app.calls()).toHaveLength(1));
    await publishTo(first.url, 'tasks', cloudEvent('waiting'), { key: 'b' });
    await publishTo(first.url, 'tasks', cloudEvent('running'), { key: 'c' });
    await eventually(() => expect(app.calls()).toHaveLength(3));
    await kill(first.child);

    app.answer('/events/tasks', () => ({ status: 200 }));
    await startProcess(options);
    await eventually(() => expect(app.calls()).toHaveLength(5));
    const again = app
      .calls()
      .slice(3)
      .map(({ body }) => JSON.parse(body).id);
    expect(again.sort()).toEqual(['running', 'waiting']);
  });
});
