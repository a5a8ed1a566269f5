import * as z from 'zod/mini';

/** A merge patch (RFC 7396) that changes something. */
export const namesAField = z.refine<object>(
  (patch) => Object.keys(patch).length > 0,
  'Name at least one field to change.',
);

/** A list in which nothing stands twice; `item` is what one of its values is called. */
export function eachOnce(item: string) {
  return z.refine<readonly unknown[]>(
    (list) => new Set(list).size === list.length,
    `The same ${item} stands here twice.`,
  );
}
