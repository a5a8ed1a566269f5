import * as z from 'zod';

/** A trimmed, non-empty text of at most `maxLength` UTF-16 code units that Postgres can hold. */
export function text(maxLength: number) {
  return storable(
    z.string().trim().min(1, 'Must not be empty.').max(maxLength, `Must have at most ${maxLength} characters.`),
  );
}

/** What Postgres can hold of a text: no NUL, which its text type refuses, and no lone surrogate, which has no UTF-8 form. */
export function storable(text: z.ZodString) {
  return text
    .refine((value) => !value.includes('\0'), 'Must not contain a NUL character.')
    .refine((value) => value.isWellFormed(), 'Must be well-formed Unicode.');
}

/** The longest name that anything of ours has; also short enough for an index. */
const NAME_LENGTH = 255;

/** A name that came from outside and may be anything: null unless it is a text that Postgres can hold and index. */
export const foreignName = text(NAME_LENGTH).nullable().catch(null);
