/** What a text says as JSON; undefined where it is none, as in what a proxy says of its own. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
