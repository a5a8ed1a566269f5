import type { IncomingMessage } from 'node:http';

/** What functions accept as a body at most, so nearly every body fits, and a thousand waiting ones fit in memory. */
const MAX_HELD_BYTES = 64 * 1024;

/**
 * Reads a body that is announced to be small, so that the request can be sent twice and a slow client holds no
 * slot of a function. Undefined, with nothing read, for a body that is large or of unknown length.
 * Rejects with the signal's reason when it aborts.
 */
export async function holdSmallBody(request: IncomingMessage, signal: AbortSignal): Promise<Buffer | undefined> {
  const length = announcedLength(request);
  if (length === undefined || length > MAX_HELD_BYTES) return undefined;
  if (length === 0) return Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(Buffer.concat(chunks));
    });
  });
}

function announcedLength({ headers }: IncomingMessage): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}
