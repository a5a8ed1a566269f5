import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../testing/fixture.ts';
import { openTopicLog, type TopicLog, type TopicLogOptions } from './topicLog.ts';

const PARTITION = { pubsubName: 'p', topic: 't', partition: 0 };
const DAY = 24 * 60 * 60 * 1000;

async function open(dir: string, options: Partial<TopicLogOptions> = {}): Promise<TopicLog> {
  const log = await openTopicLog({
    dir,
    now: () => new Date(),
    isConsumed: () => true,
    onCleaningFailed: (error) => {
      throw error;
    },
    ...options,
  });
  onTestFinished(() => log.close().catch(() => undefined));
  return log;
}

function message(text: string, topic = 't', partition = 0) {
  return { pubsubName: 'p', topic, partition, key: 'k', metadata: { a: 'b' }, payload: Buffer.from(text) };
}

const texts = (log: TopicLog, topic = 't') => log.messages('p', topic).map(({ payload }) => payload.toString());

async function segmentFiles(dir: string): Promise<string[]> {
  return (await readdir(dir)).sort();
}

async function size(dir: string): Promise<number> {
  const sizes = await Promise.all((await segmentFiles(dir)).map(async (file) => (await stat(join(dir, file))).size));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

describe('the log', () => {
  it('gives messages back as they came, in the order of their offsets', async () => {
    const dir = await temporaryFolder();
    const now = new Date('2026-03-01T12:00:00Z');
    const log = await open(dir, { now: () => now });
    await Promise.all([log.append(message('a')), log.append(message('b')), log.append(message('c', 't', 1))]);
    expect(log.next(PARTITION)).toEqual({ ...message('a'), offset: 0, timestamp: now.getTime() });
    await log.close();
    const again = await open(dir);
    expect(again.next(PARTITION)).toEqual({ ...message('a'), offset: 0, timestamp: now.getTime() });
    expect(texts(again)).toEqual(['a', 'b', 'c']);
  });

  it('knows after a restart what was consumed, and goes on counting where it was', async () => {
    const dir = await temporaryFolder();
    const log = await open(dir);
    for (const text of ['a', 'b']) await log.append(message(text));
    await log.commit(PARTITION, 0);
    await log.close();
    const second = await open(dir);
    expect(texts(second)).toEqual(['b']);
    await second.commit(PARTITION, 1);
    await second.close();
    const third = await open(dir);
    expect(third.next(PARTITION)).toBeUndefined();
    expect((await third.append(message('c'))).offset).toBe(2);
  });

  it('writes what comes at once with few writes', async () => {
    const dir = await temporaryFolder();
    const log = await open(dir);
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => log.append(message(`${n}`))));
    const [file = ''] = await segmentFiles(dir);
    const frames = (await readFile(join(dir, file))).toString('latin1').split('EVLG').length - 1;
    expect(frames).toBeLessThan(20);
    expect(texts(log)).toHaveLength(1_000);
  });

  it('takes nothing any more once it is closed', async () => {
    const log = await open(await temporaryFolder());
    await log.close();
    await expect(log.append(message('a'))).rejects.toThrow('the log is closed');
  });
});

describe('after a crash', () => {
  async function crashed(): Promise<{ dir: string; file: string; bytes: Buffer }> {
    const dir = await temporaryFolder();
    const log = await open(dir);
    for (const text of ['a', 'b', 'c']) await log.append(message(text));
    await log.close();
    const [name = ''] = await segmentFiles(dir);
    const file = join(dir, name);
    return { dir, file, bytes: await readFile(file) };
  }

  it('a torn last write is cut off, wherever it was torn, and writing goes on behind it', async () => {
    const { dir, file, bytes } = await crashed();
    const lastFrame = bytes.lastIndexOf('EVLG');
    for (let end = lastFrame; end < bytes.length; end += 7) {
      await writeFile(file, bytes.subarray(0, end));
      const log = await open(dir);
      expect(texts(log)).toEqual(['a', 'b']);
      await log.append(message('d'));
      await log.close();
      const again = await open(dir);
      expect(texts(again)).toEqual(['a', 'b', 'd']);
      await again.close();
    }
  });

  it('a last write that left only zeros is cut off', async () => {
    const { dir, file, bytes } = await crashed();
    await writeFile(file, Buffer.concat([bytes, Buffer.alloc(500)]));
    expect(texts(await open(dir))).toEqual(['a', 'b', 'c']);
  });

  it('a flipped bit in the middle is an error that names the file and the place', async () => {
    const { dir, file, bytes } = await crashed();
    const at = bytes.indexOf('EVLG', 10);
    bytes[at + 40] = (bytes[at + 40] ?? 0) ^ 1;
    await writeFile(file, bytes);
    await expect(open(dir)).rejects.toThrow(`${file} is damaged at byte ${at}`);
  });

  it('a damaged length in the middle is such an error too', async () => {
    const { dir, file, bytes } = await crashed();
    const at = bytes.indexOf('EVLG', 10);
    bytes.writeUInt32LE(0xffffff, at + 4);
    await writeFile(file, bytes);
    await expect(open(dir)).rejects.toThrow(`${file} is damaged at byte ${at}`);
  });
});

describe('the disk', () => {
  const SEGMENT = 4_096;
  const text = (n: number) => `${n}-${'x'.repeat(400)}`;

  it('holds no more than what is needed and one segment', async () => {
    const dir = await temporaryFolder();
    const log = await open(dir, { segmentBytes: SEGMENT });
    for (let n = 0; n < 200; n += 1) {
      const { offset } = await log.append(message(text(n)));
      await log.commit(PARTITION, offset);
    }
    expect(await size(dir)).toBeLessThan(4 * SEGMENT);
    await log.close();
    const again = await open(dir, { segmentBytes: SEGMENT });
    expect(texts(again)).toEqual([]);
    expect((await again.append(message('next'))).offset).toBe(200);
  });

  it('is cleaned around single messages that must stay, which keep their place and order', async () => {
    const dir = await temporaryFolder();
    const log = await open(dir, { segmentBytes: SEGMENT });
    for (let n = 0; n < 300; n += 1) {
      const { offset } = await log.append(message(text(n)));
      await log.commit(PARTITION, offset);
      if (n % 30 === 0) await log.append(message(`kept-${n}`, 'kept', 3));
    }
    const kept = Array.from({ length: 10 }, (_, n) => `kept-${30 * n}`);
    expect(texts(log, 'kept')).toEqual(kept);
    expect(await size(dir)).toBeLessThan(10 * SEGMENT);
    await log.close();
    const again = await open(dir, { segmentBytes: SEGMENT });
    expect(texts(again, 'kept')).toEqual(kept);
    expect(again.messages('p', 'kept').map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('loses what nobody consumes after seven days, and nothing that is still to be consumed', async () => {
    const dir = await temporaryFolder();
    let now = Date.now();
    const log = await open(dir, {
      segmentBytes: SEGMENT,
      now: () => new Date(now),
      isConsumed: (_pubsubName, topic) => topic === 't',
    });
    await log.append(message('waits'));
    await log.append(message('old', 'dead'));
    now += 6 * DAY;
    await log.append(message('young', 'dead'));
    now += 1.5 * DAY;
    for (let n = 0; n < 30; n += 1) await log.append(message(text(n), 'filler'));
    expect(texts(log, 'dead')).toEqual(['young']);
    expect(texts(log)).toEqual(['waits']);
  });
});

it('a backlog of many thousands is worked off in time that grows with it, not with its square', async () => {
  const log = await open(await temporaryFolder());
  const count = 20_000;
  await Promise.all(Array.from({ length: count }, (_, n) => log.append(message(`${n}`))));
  const commits: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let offset = 0; offset < count; offset += 1) commits.push(log.commit(PARTITION, offset));
  await Promise.all(commits);
  expect(log.next(PARTITION)).toBeUndefined();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
