import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { requireWholeMailServer, settingsSchema } from '../local/settings.ts';

const port = (standard: number) => z.coerce.number().int().min(0).max(65_535).default(standard);

/** What of the platform of real parts can be set, by environment variables. */
export const realSettingsSchema = settingsSchema
  .omit({ GATEWAY_HOST: true, DAPR_HTTP_ENDPOINT: true, DAPR_API_TOKEN: true, APP_API_TOKEN: true })
  .extend({
    /** Kafka, for its clients. */
    KAFKA_PORT: port(9092),
    /** The Postgres server behind the bridge. Not its usual 5432, where one of the machine's own may be. */
    POSTGRES_PORT: port(5433),
    DATA_DIR: z.string().default(fileURLToPath(new URL('../../.data/real', import.meta.url))),
  });

export type RealSettings = z.output<typeof realSettingsSchema>;

/** Reads the settings, or throws an error that names everything that is wrong with them. */
export function readRealSettings(variables: Readonly<Record<string, string | undefined>>): RealSettings {
  const result = realSettingsSchema.safeParse(variables);
  if (result.success) {
    requireWholeMailServer(result.data);
    return result.data;
  }
  throw new Error(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}
