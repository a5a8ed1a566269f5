import type { Readable } from 'node:stream';

/** A line longer than this is handed on in pieces, so that output without line ends cannot fill the memory. */
const MAX_LINE_LENGTH = 16 * 1024;

/** Calls back with each line of a UTF-8 stream, without its line end; an unfinished last line counts. */
export function onLine(stream: Readable, callback: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) callback(line.replace(/\r$/, ''));
    while (rest.length >= MAX_LINE_LENGTH) {
      callback(rest.slice(0, MAX_LINE_LENGTH));
      rest = rest.slice(MAX_LINE_LENGTH);
    }
  });
  stream.on('end', () => {
    if (rest !== '') callback(rest);
  });
}
