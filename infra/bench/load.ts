import { Agent, request } from 'node:http';
import type { Program } from './coldProcess.ts';

/** How often some work was done a second, where so many do it at once and again and again, for so long. */
export async function rateOf(
  work: (worker: number) => Promise<unknown>,
  { workers, ms }: { workers: number; ms: number },
): Promise<number> {
  let done = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (performance.now() - started < ms) {
        await work(worker);
        done += 1;
      }
    }),
  );
  return (1000 * done) / (performance.now() - started);
}

/** Sends requests to a port of this machine, over as many connections as there are at once, which stay open. */
export function createCaller(port: number) {
  const agent = new Agent({ keepAlive: true });
  return {
    /** Resolves once the answer is read. @throws where its status is another */
    call({ method, path, headers, body }: Program['request'], expected: number): Promise<string> {
      return new Promise((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port, agent, method, path, headers: { ...headers } });
        sent.once('error', reject);
        sent.once('response', async (response) => {
          let text = '';
          for await (const chunk of response) text += chunk;
          if (response.statusCode === expected) resolve(text);
          else
            reject(new Error(`${method} ${path} was answered with ${response.statusCode}, not ${expected}: ${text}`));
        });
        sent.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}
