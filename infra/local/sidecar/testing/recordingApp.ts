import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call that the app got. */
export interface ReceivedCall {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** When it came, in milliseconds of `performance.now()`. */
  at: number;
  /** Resolves when the caller has its answer, or has gone. */
  closed: Promise<void>;
}

/** How the app answers a call; `undefined` means it never does. */
export type Answering = (call: ReceivedCall, earlier: number) => Promise<AppAnswer | undefined> | AppAnswer | undefined;

/** An answer of the app. */
export interface AppAnswer {
  status: number;
  body?: string;
  headers?: Record<string, string | string[]>;
  /** In place of answering, the connection is broken off: before the answer, or in the middle of it. */
  breaksOff?: 'before' | 'during';
}

/** An app on a port of its own that remembers its calls; paths without an answer of their own get an empty 200. */
export interface RecordingApp {
  url: string;
  port: number;
  /** All calls, or those of one path, in the order they came. */
  calls(path?: string): ReceivedCall[];
  /** Sets the answer to a path; `earlier` counts the calls it had before. */
  answer(path: string, answering: Answering): void;
  /** Breaks off what is under way and refuses connections from then on. */
  close(): Promise<void>;
  /** Takes connections again, on the same port. */
  reopen(): Promise<void>;
}

/** Starts a recording app; `port` 0 takes any free port. */
export async function startRecordingApp(port: number): Promise<RecordingApp> {
  const calls: ReceivedCall[] = [];
  const answers = new Map<string, Answering>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The caller broke off.
      return;
    }
    const { method = '', url: path = '', headers } = request;
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    const body = Buffer.concat(chunks).toString('utf8');
    const call = { method, path, headers, body, at: performance.now(), closed };
    const earlier = calls.filter((known) => known.path === path).length;
    calls.push(call);
    const answering: Answering = answers.get(path) ?? (() => ({ status: 200 }));
    const answer = await answering(call, earlier);
    if (!answer) return;
    if (answer.breaksOff === 'before') return request.socket.destroy();
    response.writeHead(answer.status, answer.headers);
    if (answer.breaksOff === 'during') return response.write('half', () => request.socket.destroy());
    response.end(answer.body);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actual}`,
    port: actual,
    calls: (path) => calls.filter((call) => path === undefined || call.path === path),
    answer: (path, answering) => answers.set(path, answering),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    async reopen() {
      server.listen(actual, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}
