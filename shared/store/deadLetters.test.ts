import { afterAll, expect, test } from 'vitest';
import { testStore } from '../../infra/testing/testStore.ts';
import { catalogue } from '../events/catalogue.ts';
import { describeLetter } from '../events/deadLetter.ts';
import { keepDeadLetter, markReplayed, toDeadLetterSummary } from './deadLetters.ts';

const { database, sql, run } = await testStore();
afterAll(() => database.close());

test('a letter that came back while it was being replayed goes on waiting', async () => {
  const { topic } = catalogue['task.created'];
  const letter = { topic, key: null, payload: Buffer.from('poison'), position: '' };
  const description = describeLetter(letter);
  const now = new Date('2026-11-25T09:00:00Z');
  const replay = async (timesReceived: number) => {
    const [rows] = await run(markReplayed(sql, description.id, timesReceived, now));
    return toDeadLetterSummary(rows?.[0]);
  };

  await run(keepDeadLetter(sql, letter, description, now));
  await run(keepDeadLetter(sql, letter, description, now));
  expect(await replay(1)).toMatchObject({ status: 'waiting', replays: 1, replayedAt: now.toISOString() });
  expect(await replay(2)).toMatchObject({ status: 'replayed', replays: 2 });
});
