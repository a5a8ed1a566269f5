import { sourceMappedStack } from './sourceMappedStack.ts';

/** What one log line tells. Never a payload, never a token. An `error` is written with its stack and its causes. */
export interface LogFields {
  [field: string]: unknown;
  error?: unknown;
}

export type Level = 'info' | 'warn' | 'error';

/** Writes one line. */
export type Log = (level: Level, fields: LogFields) => void;

/** A log of one JSON object per line on standard output, each with its time and level and the function's name. */
export function jsonLog(functionName: string): Log {
  return (level, fields) => {
    const error = fields.error === undefined ? undefined : describe(fields.error);
    const line = { time: new Date().toISOString(), level, function: functionName, ...fields, error };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const causes = error.cause === undefined ? '' : ` <- ${describe(error.cause)}`;
  return `${sourceMappedStack(error.stack ?? error.message)}${causes}`;
}
