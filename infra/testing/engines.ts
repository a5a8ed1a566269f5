import { describe } from 'vitest';

/** Where tests run Postgres: on the server that TEST_DATABASE_URL names, or in memory. */
export type Place = 'server' | 'memory';

let announced = false;

/**
 * Describes a suite that runs on each Postgres there is: always in memory, and on the server that TEST_DATABASE_URL
 * names. Without one that half is skipped, which is said on standard error; with REQUIRE_POSTGRES=1 it is an error.
 */
export function eachEngine(name: string, suite: (place: Place) => void): void {
  describe(`${name} (PGlite in memory)`, () => suite('memory'));
  const server = process.env.TEST_DATABASE_URL;
  if (!server && process.env.REQUIRE_POSTGRES === '1') {
    throw new Error('REQUIRE_POSTGRES=1, but TEST_DATABASE_URL does not name a Postgres server');
  }
  if (!server && !announced) {
    announced = true;
    process.stderr.write(`NOT tested on a Postgres server: ${name}. Set TEST_DATABASE_URL to a postgres:// URL.\n`);
  }
  describe.skipIf(!server)(`${name} (Postgres server)`, () => suite('server'));
}
