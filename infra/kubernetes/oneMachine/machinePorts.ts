import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const settings = new URL('../overlays/one-machine/evolution-todo.env', import.meta.url);
const port = z.coerce.number().int().positive();
const named = z.object({ kafka: port, issuer: port });

/** Not Postgres's usual 5432, where one of the machine's own may be. The overlay's Secrets have it, no manifest does. */
const POSTGRES_PORT = 5433;

/** Ports of the machine's parts: those that the overlay names, and what is told to it by a Secret. */
export async function machinePorts(): Promise<{ kafka: number; issuer: number; postgres: number }> {
  const text = await readFile(settings, 'utf8');
  return {
    ...named.parse({
      kafka: /^KAFKA_BROKERS=[^:]+:(\d+)$/m.exec(text)?.[1],
      issuer: /^JWT_ISSUER=http:\/\/[^:]+:(\d+)$/m.exec(text)?.[1],
    }),
    postgres: POSTGRES_PORT,
  };
}
