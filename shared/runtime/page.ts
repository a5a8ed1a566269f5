import * as z from 'zod';
import { invalid } from '../domain/errors.ts';
import type { Position } from '../store/database.ts';

/** A page is one round trip and one response in memory. */
const LARGEST_PAGE = 100;

/** The query of a list: how many items, and where to go on. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(50),
  cursor: z.string().max(512).optional(),
});

/** A page of a list: `next` is the cursor of the page behind it, null on the last one. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

const positionSchema = z.object({ createdAt: z.iso.datetime(), id: z.uuid() });

/** Where the page that a cursor asks for begins; null for the first one. */
export function decodeCursor(cursor: string | undefined): Position | null {
  if (cursor === undefined) return null;
  try {
    return positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw invalid({ pointer: '/cursor', detail: 'Send the cursor that the page before this one gave as "next".' });
  }
}

/** Makes a page of at most `limit` items from one more than that, which only tells that there are more. */
export function toPage<Item extends Position>(items: readonly Item[], limit: number) {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { items: page, next: last && items.length > limit ? encodeCursor(last) : null };
}

function encodeCursor({ createdAt, id }: Position): string {
  return Buffer.from(JSON.stringify({ createdAt, id })).toString('base64url');
}
