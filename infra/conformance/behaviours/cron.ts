import { describe, expect, it } from 'vitest';
import type { ReceivedCall } from '../../local/sidecar/testing/recordingApp.ts';
import { type Bench, eventually } from '../bench.ts';
import { cronFile } from '../resources.ts';

const INPUT = { direction: 'input' };

/** The ticks of cron bindings. All bindings tick from the start, side by side; a test looks at what came of its own. */
export function describeCron(bench: Bench): void {
  function binding(name: string, metadata: Readonly<Record<string, string>>): string {
    bench.file(`cron-${name}.yaml`, cronFile(name, metadata));
    return `/bindings/${name}`;
  }
  const to = (name: string) => ({ ...INPUT, route: `/bindings/${name}` });

  const steady = binding('steady', to('steady'));
  binding('unrouted', { ...INPUT, schedule: '* * * * * *' });
  const failing = binding('failing', to('failing'));
  const persistent = binding('persistent', to('persistent'));
  const slow = binding('slow-ticks', to('slow-ticks'));
  const asked = binding('asked', { route: '/bindings/asked' });
  const unwanted = binding('unwanted', { route: '/bindings/unwanted' });

  bench.answer(failing, () => ({ status: 500 }));
  bench.answer(persistent, () => ({ status: 500 }));
  bench.answer(slow, () => undefined);
  bench.answer(unwanted, () => ({ status: 404 }));
  bench.answer(asked, ({ method }) => ({ status: method === 'OPTIONS' ? 405 : 200 }));

  async function ticks(path: string, count: number) {
    await eventually(() => expect(bench.calls(path).length).toBeGreaterThanOrEqual(count));
    return bench.calls(path);
  }
  const times = (calls: readonly ReceivedCall[]) => calls.map(({ headers }) => headers.readtimeutc);

  describe('a tick', () => {
    it('is a POST without a body to the route, with its time and the app token, and nothing is asked before', async () => {
      const calls = await ticks(steady, 2);
      for (const call of calls) {
        expect(call).toMatchObject({
          method: 'POST',
          body: '',
          headers: {
            'content-type': 'application/json',
            'content-length': '0',
            readtimeutc: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC/),
            timezone: 'Local',
            'dapr-api-token': 'app-secret',
          },
        });
      }
    });

    it('goes to the name of the component where it has no route', async () => {
      expect((await ticks('/unrouted', 1))[0]?.method).toBe('POST');
    });

    it('does not wait for the one before it', async () => {
      expect(new Set(times(await ticks(slow, 2))).size).toBeGreaterThan(1);
    });

    it('that fails is not sent again', async () => {
      const calls = await ticks(failing, 3);
      expect(new Set(times(calls)).size).toBe(calls.length);
    });

    it('that fails is sent again, with the same time, where a policy says so', async () => {
      const [first, second, third] = times(await ticks(persistent, 3));
      expect(second).toBe(first);
      expect(third).not.toBe(first);
    });
  });

  describe('a cron binding without a direction', () => {
    it('asks the app with OPTIONS, and ticks when that is answered with 405', async () => {
      const methods = (await ticks(asked, 3)).map(({ method }) => method);
      expect(methods.slice(0, 3)).toEqual(['OPTIONS', 'POST', 'POST']);
    });

    it('does not tick when the app answers 404', async () => {
      await ticks(asked, 3);
      expect(bench.calls(unwanted).map(({ method }) => method)).toEqual(['OPTIONS']);
    });
  });
}
