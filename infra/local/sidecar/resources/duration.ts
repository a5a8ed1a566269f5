const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

/**
 * Reads a duration as Dapr's YAML has it, Go's notation (`1h30m`, `500ms`) or a bare number of milliseconds.
 * @returns milliseconds
 * @throws when the text is neither
 */
export function parseDuration(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (!DURATION.test(text)) throw new Error(`"${text}" is not a duration such as 500ms, 30s or 1h30m`);
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * (MILLISECONDS[unit ?? ''] ?? 0);
  return total;
}
