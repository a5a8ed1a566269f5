import * as z from 'zod';
import { parseJson } from '../../../shared/events/json.ts';

const logLine = z.object({ level: z.string(), msg: z.string(), error: z.string().optional() });

/**
 * What a line of a log (JSON) of daprd or the scheduler says, where a person should know of it: errors, and warnings once
 * it has served. Those before that tell of what it was not given here, such as a placement service.
 */
export function worthReporting(line: string, hasServed: boolean): string | undefined {
  const { success, data } = logLine.safeParse(parseJson(line));
  if (!success) return undefined;
  const { level, msg, error } = data;
  const levels = hasServed ? ['warning', 'error', 'fatal'] : ['error', 'fatal'];
  return levels.includes(level) ? [msg, error].filter(Boolean).join(': ') : undefined;
}
