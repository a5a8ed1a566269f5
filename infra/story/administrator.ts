import * as z from 'zod';
import { type DeadLetterSummary, deadLetterSchema } from '../../shared/domain/deadLetter.ts';
import { caller } from './call.ts';
import type { WorldWith } from './world.ts';

/** What an administrator sees of what no function could take. */
export interface Administrator {
  deadLetters(): Promise<DeadLetterSummary[]>;
  getDeadLetter(id: string): Promise<DeadLetterSummary>;
  replay(id: string): Promise<DeadLetterSummary>;
  /** Tries to replay a letter that cannot be read, and resolves to why that is refused. */
  refusedReplay(id: string): Promise<string>;
}

const deadLettersPage = z.object({ items: z.array(deadLetterSchema) });
const refusal = z.object({ detail: z.string() });

/** What an operator can do, by the token that the world has for one. */
export function administratorOf(world: WorldWith<'admin'>): Administrator {
  const call = caller(world, {}, world.admin);
  return {
    deadLetters: async () => (await call('GET', '/admin/dead-letters?limit=100', 200, deadLettersPage)).items,
    getDeadLetter: (id) => call('GET', `/admin/dead-letters/${id}`, 200, deadLetterSchema),
    replay: (id) => call('POST', `/admin/dead-letters/${id}/replay`, 200, deadLetterSchema),
    refusedReplay: async (id) => (await call('POST', `/admin/dead-letters/${id}/replay`, 422, refusal)).detail,
  };
}
