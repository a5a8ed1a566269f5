import type { IncomingMessage } from 'node:http';

/** daprd's default for `--max-body-size`. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Reads the body of a request or a response to its end, even where it is too large: so the other side, which may still
 * be writing, gets to read the answer.
 * @returns nothing when there were more than `maxBytes`
 * @throws when the connection ends before the body does
 */
export function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    message.once('end', () => resolve(bytes <= maxBytes ? Buffer.concat(chunks) : undefined));
    message.once('error', reject);
    message.once('close', () => reject(new Error('the connection was closed in the middle of the body')));
  });
}
