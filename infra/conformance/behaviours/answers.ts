import { describe, expect, it } from 'vitest';
import type { AppAnswer } from '../../local/sidecar/testing/recordingApp.ts';
import type { Bench } from '../bench.ts';

const json = (body: string): AppAnswer => ({ status: 200, body, headers: { 'content-type': 'application/json' } });

/** What the app's answer to an event means. */
export function describeAnswers(bench: Bench): void {
  const kept = bench.topic('answered', { deadLetters: true });
  const lost = bench.topic('answered-without-dead-letters');
  const hasty = bench.topic('answered-late', { component: 'hasty', deadLetters: true });

  describe('an event is done with when the app answers', () => {
    it.each<[string, AppAnswer]>([
      ['200 without a body', { status: 200 }],
      ['204', { status: 204 }],
      ['another 2xx', { status: 299 }],
      ['{}', json('{}')],
      ['{"status":"SUCCESS"}', json('{"status":"SUCCESS"}')],
      ['an empty status', json('{"status":""}')],
      ['a status that is no string', json('{"status":7}')],
      ['JSON that is no object', json('"RETRY"')],
      ['what is not JSON', json('RETRY')],
    ])('%s', async (_name, answer) => {
      expect(await kept.outcomeOf(() => answer)).toEqual({ deliveries: 1, deadLetters: 0 });
    });
  });

  describe('an event is delivered again, and in the end kept as a dead letter, when the app answers', () => {
    it.each<[string, AppAnswer]>([
      ['{"status":"RETRY"}', json('{"status":"RETRY"}')],
      ['RETRY under a name in another case', json('{"Status":"RETRY"}')],
      ['RETRY as text', { ...json('{"status":"RETRY"}'), headers: { 'content-type': 'text/plain' } }],
      ['an unknown status, such as that of a domain object', json('{"status":"open"}')],
      ['a known status in another case', json('{"status":"success"}')],
      ['500', { status: 500 }],
      ['503', { status: 503 }],
      ['400', { status: 400 }],
      ['a redirect, which is not followed', { status: 307, headers: { location: '/elsewhere' } }],
      ['304', { status: 304 }],
    ])('%s', async (_name, answer) => {
      expect(await kept.outcomeOf(() => answer)).toEqual({ deliveries: 4, deadLetters: 1 });
      expect(bench.calls('/elsewhere')).toEqual([]);
    });

    it('nothing within the timeout of the policy', async () => {
      expect(await hasty.outcomeOf(() => undefined)).toEqual({ deliveries: 2, deadLetters: 1 });
    });
  });

  describe('an event that the app refuses with', () => {
    it.each<[string, AppAnswer]>([
      ['{"status":"DROP"}', json('{"status":"DROP"}')],
      ['404', { status: 404 }],
    ])('%s is a dead letter at once, or lost where there is no dead-letter topic', async (_name, answer) => {
      expect(await kept.outcomeOf(() => answer)).toEqual({ deliveries: 1, deadLetters: 1 });
      expect(await lost.outcomeOf(() => answer)).toEqual({ deliveries: 1, deadLetters: 0 });
    });
  });

  it('an event that is taken at a further try is done with', async () => {
    const outcome = await kept.outcomeOf((_delivery, earlier) => ({ status: earlier < 2 ? 503 : 200 }));
    expect(outcome).toEqual({ deliveries: 3, deadLetters: 0 });
  });
}
