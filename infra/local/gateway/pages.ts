import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from './refusal.ts';

/** Something for a browser that is no function's: read anew for each request. */
export interface Page {
  readonly headers: Readonly<Record<string, string>>;
  read(): Promise<Uint8Array>;
}

/** Answers GET and HEAD with a page. Throws a Refusal of other methods. */
export async function answerPage(request: IncomingMessage, response: ServerResponse, page: Page): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new Refusal(405, `this page takes GET, HEAD, not ${request.method}`, { headers: { allow: 'GET, HEAD' } });
  }
  const body = await page.read();
  response.writeHead(200, { 'content-length': body.byteLength, ...page.headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}
