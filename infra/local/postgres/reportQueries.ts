import type { SqlEngine } from './engine.ts';

/** Somebody asked Postgres for something: a statement, or a transaction of several. */
export interface DatabaseActivity {
  readonly kind: 'queried';
  readonly by: 'functions' | 'sidecar';
}

/** An engine that reports each statement and each transaction before it runs it. `report` must not throw. */
export function reportQueries<Engine extends Pick<SqlEngine, 'query' | 'transaction'>>(
  engine: Engine,
  by: DatabaseActivity['by'],
  report: (activity: DatabaseActivity) => void,
): Engine {
  const reported: Pick<SqlEngine, 'query' | 'transaction'> = {
    query(query) {
      report({ kind: 'queried', by });
      return engine.query(query);
    },
    transaction(queries, options) {
      report({ kind: 'queried', by });
      return engine.transaction(queries, options);
    },
  };
  return { ...engine, ...reported };
}
