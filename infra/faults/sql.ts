import type { SqlEngine } from '../local/postgres/engine.ts';
import type { RunSql } from './target.ts';

/** Runs statements on an engine; every value of a row is text or null, as Postgres prints it. */
export function sqlOf(engine: SqlEngine): RunSql {
  return async <Row>(text: string, params: readonly unknown[] = []) => {
    const { fields, rows } = await engine.query({ text, params: params.map(toText) });
    return rows.map((row) => Object.fromEntries(fields.map(({ name }, column) => [name, row[column]])) as Row);
  };
}

function toText(param: unknown): string | null {
  if (param === null || param === undefined) return null;
  return typeof param === 'object' ? JSON.stringify(param) : String(param);
}
