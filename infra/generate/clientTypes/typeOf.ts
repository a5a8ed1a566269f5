import type { JsonSchema } from '../jsonSchema.ts';
import { block, comment, field, literal } from './source.ts';

/** The TypeScript type of the values that a schema allows. Throws for a schema of a kind that is not known here. */
export function typeOf(schema: JsonSchema): string {
  if (schema.$ref) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return union(schema.enum.map(literal));
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return union(alternatives.map((alternative) => typeOf(alternative as JsonSchema)));
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type })));
  if (Object.keys(schema).every((keyword) => keyword === 'description')) return 'unknown';
  switch (schema.type) {
    case 'object':
      return objectType(schema);
    case 'array':
      return arrayType(schema.items as JsonSchema);
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return schema.type;
    default:
      throw new Error(`no TypeScript type is known for ${JSON.stringify(schema)}`);
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: JsonSchema): string {
  const fields = Object.entries(properties).map(([name, property]) => {
    const schema = property as JsonSchema;
    return comment(schema.description) + field(name, typeOf(schema), required.includes(name));
  });
  if (typeof additionalProperties !== 'object') return block(fields);
  return block([...fields, `[name: string]: ${fields.length > 0 ? 'unknown' : typeOf(additionalProperties)};`]);
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function arrayType(items: JsonSchema): string {
  const isUnion = items.enum ?? items.anyOf ?? items.oneOf ?? Array.isArray(items.type);
  return isUnion ? `(${typeOf(items)})[]` : `${typeOf(items)}[]`;
}
