import * as fc from 'fast-check';
import * as z from 'zod';

/** Texts that mean something to some schema; each schema of a text takes those that it accepts. */
const texts = [
  ...['Pay rent', 'Zoë’s 🎂 – 誕生日', 'rent', 'home', 'a', '  padded  '],
  ...['1', '2', '7', '50', '100', 'true'],
  ...['Europe/Madrid', 'America/New_York', 'Pacific/Kiritimati', 'UTC'],
  ...['2026-11-20', '2026-11-26', '2028-02-29', '1970-01-01', '2200-12-31'],
  ...['2026-11-25T09:00', '2027-03-28T03:30:00', '2200-12-31T23:59:59'],
  ...['2026-11-25T09:00:00Z', '2027-01-01T00:00:00.500+13:00', '1970-01-01T00:00:00Z'],
  ...['PT30M', 'P1D', 'P1W', 'P1DT2H'],
  ...['22:00', '07:30', 'ann@example.org', 'ABCDEFGH', 'http://127.0.0.1:9/hook'],
  ...['FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=MO,TH', 'FREQ=MONTHLY;BYMONTHDAY=31;COUNT=5', 'FREQ=YEARLY;INTERVAL=4'],
];
const numbers = [0, 1, 2, 10, 50, 100];
const truths = [true, false];
/** Longer lists cost time and reach nothing else. */
const LIST_LENGTH = 4;

interface Def {
  type: string;
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  entries?: Record<string, string>;
  values?: unknown[];
}

/**
 * Values that a schema takes, but for rules across fields, which are for the most part kept. `ids` are of things that
 * exist. Throws where it knows of no value: then a text that the schema accepts is missing here.
 */
export function validValues(schema: z.core.$ZodType, ids: readonly string[]): fc.Arbitrary<unknown> {
  const def = schema._zod.def as unknown as Def;
  const inner = (of: z.core.$ZodType | undefined) => validValues(of as z.core.$ZodType, ids);
  switch (def.type) {
    case 'object': {
      const fields = Object.entries(def.shape ?? {});
      const requiredKeys = fields.filter(([, field]) => !z.safeParse(field, undefined).success).map(([name]) => name);
      return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, inner(field)])), { requiredKeys });
    }
    case 'array':
      return fc.uniqueArray(inner(def.element), { maxLength: LIST_LENGTH });
    case 'union':
      return fc.oneof(...(def.options ?? []).map(inner));
    case 'nullable':
      return fc.option(inner(def.innerType), { nil: null });
    case 'optional':
    case 'default':
      return inner(def.innerType);
    case 'pipe':
      return inner(def.in);
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case 'literal':
      return fc.constantFrom(...(def.values ?? []));
    default: {
      const accepted = [...texts, ...ids, ...numbers, ...truths].filter((value) => z.safeParse(schema, value).success);
      if (accepted.length === 0) throw new Error(`No value for a schema of type "${def.type}": add one it accepts.`);
      return fc.constantFrom<unknown>(...accepted);
    }
  }
}
