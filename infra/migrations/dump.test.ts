import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { embeddedTemplate } from '../testing/embeddedTemplate.ts';
import { dumpOf, dumpSchema } from './dump.ts';
import { MIGRATIONS_TABLE } from './migrate.ts';

let dump: string;
let other: PGlite;
beforeAll(async () => {
  dump = await dumpSchema();
  other = await PGlite.create({ loadDataDir: await embeddedTemplate() });
});
afterAll(() => other.close());

it('has every kind of object, and nothing that is not schema or tells of this Postgres', () => {
  expect(dump).toContain('CREATE TABLE public.tasks (\n    id uuid NOT NULL,\n');
  expect(dump).toContain('CREATE FUNCTION public.expect_rows(actual bigint, expected bigint)');
  expect(dump).toContain('CREATE INDEX tasks_by_user ON public.tasks');
  expect(dump).not.toMatch(new RegExp(`${MIGRATIONS_TABLE}|^--|^SET (?!check)|restrict|PostgreSQL|PGlite`, 'm'));
  expect(dump).toMatch(/[^\n]\n$/);
});

it('is the same text for another database with the same migrations', async () => {
  expect(await dumpOf(other)).toBe(dump);
});

it('makes an equal schema when it is run', async () => {
  await other.exec(`drop schema public cascade; create schema public; grant usage on schema public to public; ${dump}`);
  expect(await dumpOf(other)).toBe(dump);
});
