import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.ts';
import { BUSY_MS, jobsOf } from './jobsClient.ts';

/** Jobs while the app is away, and while the sidecar is. */
export function describeJobRestarts(bench: Bench): void {
  const jobs = jobsOf(bench);
  const restart = async () => {
    await bench.subject().kill();
    await bench.subject().start();
  };

  describe('a job whose app is away', () => {
    it('is tried as after any failure, and then lost', async () => {
      const failurePolicy = { constant: { interval: '0.2s', maxRetries: 20 } };
      await bench.app().close();
      await jobs.set('lost', { dueTime: '0s', failurePolicy: { constant: { interval: '0.1s', maxRetries: 2 } } });
      await jobs.set('kept', { dueTime: '0s', failurePolicy });
      await jobs.over('lost');
      await bench.app().reopen();
      await jobs.came('kept', 1);
      expect(jobs.calls('lost')).toEqual([]);
    });
  });

  describe('a sidecar that is killed', () => {
    it('has kept its jobs; what was due meanwhile comes at once, all times of what repeats, and nothing twice', async () => {
      await jobs.set('done', { dueTime: '0s' });
      await jobs.came('done', 1);
      await jobs.over('done');
      await jobs.set('missed', { dueTime: '500ms', data: 'kept' });
      await jobs.set('missed-often', { schedule: '@every 500ms', repeats: 4 });
      await jobs.set('later', { dueTime: '1h' });
      await bench.subject().kill();
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await bench.subject().start();
      const [missed] = await jobs.came('missed', 1);
      expect(missed?.body).toBe('"kept"');
      const often = await jobs.came('missed-often', 4);
      expect((often.at(-1)?.at ?? Infinity) - (often[0]?.at ?? 0)).toBeLessThan(BUSY_MS);
      await jobs.over('missed-often');
      expect((await jobs.get('later')).status).toBe(200);
      expect(jobs.calls('done')).toHaveLength(1);
      expect(jobs.calls('missed')).toHaveLength(1);
      expect(jobs.calls('missed-often')).toHaveLength(4);
    });

    it('brings again what was with the app', async () => {
      await jobs.set('cut', { dueTime: '0s', failurePolicy: { drop: {} } }, (_call, earlier) =>
        earlier === 0 ? undefined : { status: 200 },
      );
      await jobs.came('cut', 1);
      await restart();
      await jobs.came('cut', 2);
      await jobs.over('cut');
    });

    it('does not bring what was deleted or replaced', async () => {
      await jobs.set('deleted', { dueTime: '400ms' });
      await jobs.delete('deleted');
      await jobs.set('replaced', { dueTime: '400ms', data: 'old' });
      await jobs.set('replaced', { dueTime: '500ms', data: 'new', overwrite: true });
      await restart();
      const [call] = await jobs.came('replaced', 1);
      expect(call?.body).toBe('"new"');
      await jobs.over('replaced');
      expect(jobs.calls('deleted')).toEqual([]);
    });
  });
}
