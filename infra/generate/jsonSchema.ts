import * as z from 'zod';

/** A schema in the dialect that OpenAPI 3.1 and AsyncAPI 3 share: JSON Schema 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Which side of a zod schema is meant: what it takes, or what it gives. */
type Side = 'input' | 'output';

/** Turns zod schemas into JSON Schema, and keeps those with an id (`.meta({ id })`) for a document's components. */
export interface SchemaCollection {
  /** What a client may send: a field with a default can be left out. */
  input(schema: z.core.$ZodType): JsonSchema;
  /** What a client can rely on: objects may get more fields later, so more are not forbidden. */
  output(schema: z.core.$ZodType): JsonSchema;
  /** The schemas with an id that were met so far, by id, in alphabetical order. */
  components(): Record<string, JsonSchema>;
}

/** An empty collection. Converting throws where two schemas share an id, or one cannot be told in JSON Schema. */
export function collectSchemas(): SchemaCollection {
  const found = new Map<string, JsonSchema>();
  const keep = (id: string, schema: JsonSchema) => {
    const before = found.get(id);
    if (before && JSON.stringify(before) !== JSON.stringify(schema)) {
      throw new Error(`two different schemas have the id ${id}: give one of them, or its input side, another id`);
    }
    found.set(id, schema);
  };
  const convert = (schema: z.core.$ZodType, io: Side): JsonSchema => {
    const converted = z.toJSONSchema(schema, { io, override: (context) => simplify(context, io) });
    const { $schema: _dialect, $defs = {}, ...root } = withComponentReferences(converted);
    for (const [id, definition] of Object.entries($defs)) keep(id, definition);
    return root;
  };
  return {
    input: (schema) => convert(schema, 'input'),
    output: (schema) => convert(schema, 'output'),
    components: () => Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

type Override = { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema };

function simplify({ zodSchema, jsonSchema }: Override, io: Side): void {
  // What the format says in a word, zod repeats in a pattern of two hundred characters.
  if (jsonSchema.format) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  const { def } = zodSchema._zod;
  if (io === 'output' && def.type === 'object' && !def.catchall) delete jsonSchema.additionalProperties;
}

function withComponentReferences(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
