import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { json, text } from 'node:stream/consumers';
import * as z from 'zod';

/** What is used of a kubeconfig such as `node/configuration.ts` writes. */
const kubeconfig = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.url(), 'certificate-authority-data': z.base64() }) })]),
  users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});

/** The API server, for what would take a kubectl process for each question. */
export interface KubernetesApi {
  /** The object at a path. */
  get<T>(path: string): Promise<T>;
  /**
   * Reads a watch or a log that goes on, line by line, until the server ends it or `signal` aborts; resolves then.
   * Rejects where the server refuses it.
   */
  follow(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Opens the API server that a kubeconfig leads to. */
export async function kubernetesApi(path: string): Promise<KubernetesApi> {
  const { clusters, users } = kubeconfig.parse(JSON.parse(await readFile(path, 'utf8')));
  const { server, 'certificate-authority-data': authority } = clusters[0].cluster;
  const agent = new Agent({ keepAlive: true, ca: Buffer.from(authority, 'base64') });
  const headers = { authorization: `Bearer ${users[0].user.token}` };

  async function ask(path: string, signal?: AbortSignal): Promise<IncomingMessage> {
    const asking = request(new URL(path, server), { agent, headers, ...(signal && { signal }) }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    // What breaks a response that is being read is told by its end.
    asking.on('error', () => {});
    if (response.statusCode === 200) return response;
    throw new Error(`GET ${path}: ${response.statusCode} ${await text(response)}`);
  }

  return {
    get: async <T>(path: string) => (await json(await ask(path))) as T,
    async follow(path, onLine, signal) {
      const response = await ask(path, signal);
      // What breaks it off ends it, for the response and for those who read its lines.
      response.on('error', () => {});
      createInterface(response)
        .on('line', onLine)
        .on('error', () => {});
      await new Promise((resolve) => response.once('close', resolve));
    },
    close: () => agent.destroy(),
  };
}
