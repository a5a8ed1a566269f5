import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { onLine } from './lines.ts';

async function linesOf(...chunks: (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  onLine(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await finished(stream);
  return lines;
}

test('lines come whole, however they were cut, and the last one needs no end', async () => {
  expect(await linesOf('one\ntw', 'o\r\n\nfour')).toEqual(['one', 'two', '', 'four']);
});

test('a character cut in two is put together', async () => {
  const bytes = Buffer.from('é\n');
  expect(await linesOf(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['é']);
});

test('output without line ends comes in pieces', async () => {
  const lines = await linesOf('x'.repeat(40_000));
  expect(lines.map((line) => line.length)).toEqual([16_384, 16_384, 7_232]);
});
