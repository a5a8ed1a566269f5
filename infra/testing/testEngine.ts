import type { SqlEngine } from '../local/postgres/engine.ts';
import { embeddedTestEngine } from './embeddedTemplate.ts';
import type { Place } from './engines.ts';
import { serverTestEngine } from './serverTemplate.ts';

/** An engine on a migrated database of its own; `dispose` closes it and removes the database. */
export interface TestEngine {
  engine: SqlEngine;
  dispose(): Promise<void>;
}

/** Where a database is made: as tests choose, or on a server whose URL is known. */
export type Where = Place | { serverUrl: string };

/** Makes a migrated database for one test file, without a bridge in front of it. */
export function testEngine(where: Where): Promise<TestEngine> {
  if (where === 'memory') return embeddedTestEngine();
  return where === 'server' ? serverTestEngine() : serverTestEngine(where.serverUrl);
}
