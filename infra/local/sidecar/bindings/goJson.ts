/** A value as Go's encoder writes it: names in their order, and what HTML would take for its own escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value ?? null, sortNames).replaceAll(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** For `JSON.stringify`: the names of every object in their order, as Go writes a map. */
export function sortNames(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
