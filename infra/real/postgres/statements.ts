import { readFile } from 'node:fs/promises';
import { openServer } from '../../local/postgres/server.ts';

/** A statement that Postgres was asked to run. */
export interface Statement {
  /** Milliseconds since 1970. */
  at: number;
  /** What its connection calls itself (`application_name`); `[unknown]` where it does not. */
  client: string;
  /** The server's process that ran it: one for each connection. */
  pid: number;
  /** Its first line. */
  text: string;
}

/** Time, process and client: what `statementsIn` reads. */
const PREFIX = '%m [%p] %a ';

/** Lets a server write every statement to its log; the URL is a superuser's. */
export async function logStatements(url: string): Promise<void> {
  const engine = await openServer(url, { maxConnections: 1 });
  const settings = [`log_statement = 'all'`, `log_timezone = 'UTC'`, `log_line_prefix = '${PREFIX}'`];
  await engine.session(async ({ exec }) => {
    for (const setting of settings) await exec(`alter system set ${setting}`);
    await exec('select pg_reload_conf()');
  });
  await engine.close();
}

/** What such a server was asked for from one time to another, in milliseconds since 1970. */
export async function statementsIn(logFile: string, from: number, to: number): Promise<Statement[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n');
  return lines.flatMap((line, index) => {
    const [, time = '', pid, client = '', text = ''] =
      /^(\S+ \S+) UTC \[(\d+)\] (\S*) LOG: {2}(?:statement|execute [^:]+): (.*)$/.exec(line) ?? [];
    const at = Date.parse(`${time.replace(' ', 'T')}Z`);
    // Many a statement begins on a line of its own.
    const first = text || (lines[index + 1] ?? '').trim();
    return at >= from && at < to ? [{ at, client, pid: Number(pid), text: first }] : [];
  });
}

/** Where transactions began: what stands between `begin` and its end counts once, and every other statement for itself. */
export function transactionsOf(statements: readonly Statement[]): Statement[] {
  const open = new Set<number>();
  return statements.filter(({ pid, text }) => {
    const isWithin = open.has(pid);
    if (/^(begin|start transaction)\b/i.test(text)) open.add(pid);
    if (/^(commit|rollback|end)\b/i.test(text)) open.delete(pid);
    return !isWithin;
  });
}
