import { readFile } from 'node:fs/promises';
import { openServer } from '../../local/postgres/server.ts';

/** A statement that Postgres was asked to run. */
export interface Statement {
  /** The second of the minute, with its fraction. */
  second: number;
  text: string;
}

/** Lets a server write every statement to its log; the URL is a superuser's. */
export async function logStatements(url: string): Promise<void> {
  const engine = await openServer(url, { maxConnections: 1 });
  await engine.session(async ({ exec }) => {
    for (const setting of [`log_statement = 'all'`, `log_timezone = 'UTC'`]) await exec(`alter system set ${setting}`);
    await exec('select pg_reload_conf()');
  });
  await engine.close();
}

/** What such a server was asked for from one time to another, in milliseconds since 1970. */
export async function statementsIn(logFile: string, from: number, to: number): Promise<Statement[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n');
  return lines.flatMap((line, index) => {
    // What log_line_prefix is by itself: the time, and the process.
    const [, time = '', text = ''] =
      /^(\S+ \S+) UTC \[\d+\] LOG: {2}(?:statement|execute [^:]+): (.*)$/.exec(line) ?? [];
    const at = Date.parse(`${time.replace(' ', 'T')}Z`);
    // Many a statement begins on a line of its own.
    const first = text || (lines[index + 1] ?? '').trim();
    return at >= from && at < to ? [{ second: (at % 60_000) / 1000, text: first }] : [];
  });
}
