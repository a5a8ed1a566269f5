import type { IncomingMessage } from 'node:http';
import { requestError } from './requestError.ts';

/** Reads a request's body. Rejects with a 413 as soon as it is known to be too large; the rest is not kept. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => requestError(413, `request is too large (max is ${maxBytes} bytes)`);
  if (Number(request.headers['content-length']) > maxBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) {
        chunks.push(chunk);
      } else {
        chunks.length = 0;
        reject(tooLarge());
      }
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(requestError(400, 'could not read the HTTP request body')));
    request.once('close', () => reject(requestError(400, 'the client went away before its request was complete')));
  });
}
