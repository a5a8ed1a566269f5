/**
 * Splits a JSON object into its members, each value as the text it was written in: so a number keeps its digits
 * when the object is put together again.
 * @throws SyntaxError when the text is not a JSON object
 */
export function jsonMembers(text: string): Map<string, string> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('not a JSON object');
  // JSON.parse has found the text to be in order, so looking for the ends of keys and values is enough.
  const members = new Map<string, string>();
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text[at] !== '}') {
    const keyEnd = stringEnd(text, at);
    const start = skipSpace(text, text.indexOf(':', keyEnd) + 1);
    const end = valueEnd(text, start);
    members.set(JSON.parse(text.slice(at, keyEnd)) as string, text.slice(start, end).trimEnd());
    at = text[end] === ',' ? skipSpace(text, end + 1) : end;
  }
  return members;
}

/** Puts members together to an object, in the order of their names, as Go's encoder does. */
export function joinMembers(members: ReadonlyMap<string, string>): string {
  const sorted = [...members.keys()].sort();
  return `{${sorted.map((name) => `${JSON.stringify(name)}:${members.get(name)}`).join(',')}}`;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1;
  return at;
}

function stringEnd(text: string, quote: number): number {
  let at = quote + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** The place of the comma or brace behind a value. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ; at += 1) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (depth === 0 && (character === ',' || character === '}')) return at;
    else if (character === '}' || character === ']') depth -= 1;
  }
}
