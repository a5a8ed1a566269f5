import { invalid } from '../domain/errors.ts';
import { hasCode } from './database.ts';

/** Refuses the zone where Postgres did: it has its own time zone database, which may be older than the program's. */
export function refuseUnknownZone(error: unknown): never {
  if (hasCode('22023', error)) throw invalid({ pointer: '/timeZone', detail: 'This time zone is not known here.' });
  throw error;
}
