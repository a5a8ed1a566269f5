/** An object type with these fields, a line each. */
export function block(fields: readonly string[]): string {
  if (fields.length === 0) return '{}';
  return `{\n${indented(fields.join('\n'))}\n}`;
}

/** A field of an object type. */
export function field(name: string, type: string, required = true): string {
  return `${/^(\d+|[A-Za-z_$][\w$]*)$/.test(name) ? name : literal(name)}${required ? '' : '?'}: ${type};`;
}

/** The type of one value of JSON; texts in single quotes. */
export function literal(value: unknown): string {
  const json = JSON.stringify(value);
  return typeof value === 'string' ? `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : json;
}

/** What a reader is told of what comes next; nothing for no description. */
export function comment(description: string | undefined): string {
  return description === undefined ? '' : `/** ${description.replaceAll('*/', '*\\/')} */\n`;
}

function indented(lines: string): string {
  return lines.replace(/^(?=.)/gm, '  ');
}
