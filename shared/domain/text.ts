import * as z from 'zod/mini';

/** A trimmed, non-empty text of at most `maxLength` UTF-16 code units that Postgres can hold. */
export function text(maxLength: number) {
  return storable(
    z
      .string()
      .check(
        z.trim(),
        z.minLength(1, 'Must not be empty.'),
        z.maxLength(maxLength, `Must have at most ${maxLength} characters.`),
      ),
  );
}

/** What Postgres can hold of a text: no NUL, which its text type refuses, and no lone surrogate, which has no UTF-8 form. */
export function storable(text: z.ZodMiniString) {
  return text.check(
    z.refine((value) => !value.includes('\0'), 'Must not contain a NUL character.'),
    z.refine((value) => value.isWellFormed(), 'Must be well-formed Unicode.'),
  );
}

/** The longest name that anything of ours has; also short enough for an index. */
const NAME_LENGTH = 255;

/** A name that came from outside and may be anything: null unless it is a text that Postgres can hold and index. */
export const foreignName = z.catch(z.nullable(text(NAME_LENGTH)), null);
