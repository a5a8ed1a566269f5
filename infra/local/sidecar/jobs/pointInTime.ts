import { goDurationMs } from './goDuration.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ISO_DURATION = /^P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/**
 * Reads a point in time as Dapr's scheduler does: RFC 3339, a duration of Go's (`1h30m`, `-5s`) or of ISO 8601 (`P1DT12H`)
 * from `from` on.
 * @returns milliseconds since 1970; undefined where the text is none of them
 */
export function parsePointInTime(text: string, from: number): number | undefined {
  if (RFC_3339.test(text)) {
    const time = Date.parse(text);
    return Number.isNaN(time) ? undefined : time;
  }
  const durationMs = goDurationMs(text);
  if (durationMs !== undefined) return from + durationMs;
  const match = ISO_DURATION.exec(text);
  if (!match) return undefined;
  const [years, months, weeks, days, hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  const date = new Date(from);
  date.setUTCFullYear(
    date.getUTCFullYear() + (years ?? 0),
    date.getUTCMonth() + (months ?? 0),
    date.getUTCDate() + 7 * (weeks ?? 0) + (days ?? 0),
  );
  return date.getTime() + (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}
