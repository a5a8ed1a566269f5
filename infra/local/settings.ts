import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { webhookSecretsKeys } from '../../shared/channels/settings.ts';
import { telemetryVariables } from '../../shared/runtime/telemetry.ts';

const port = (standard: number) => z.coerce.number().int().min(0).max(65_535).default(standard);

const telemetry = Object.fromEntries(telemetryVariables.map((name) => [name, z.string().optional()])) as Record<
  (typeof telemetryVariables)[number],
  z.ZodOptional<z.ZodString>
>;

/** What of the local platform can be set, by environment variables. Without any, it runs with Node alone. */
export const settingsSchema = z.object({
  /** The public API. */
  API_PORT: port(8080),
  /** What the sidecar calls: events, ticks and service invocations. */
  APP_PORT: port(8081),
  /** The address that those two listen on, in place of loopback: in a container, 0.0.0.0. */
  GATEWAY_HOST: z.string().min(1).optional(),
  /** The sidecar's own API. */
  DAPR_HTTP_PORT: port(3500),
  /** Neon's SQL over HTTP. */
  DATABASE_PORT: port(4444),
  /** The token issuer's public keys. */
  ISSUER_PORT: port(8082),
  /** Where everything is kept. */
  DATA_DIR: z.string().default(fileURLToPath(new URL('../../.data', import.meta.url))),
  /** A function that is not used for this long is stopped; left out, its Knative Service says how long. */
  IDLE_SECONDS: z.coerce.number().positive().optional(),
  /** A Postgres server in place of the embedded one. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional(),
  /** The SMTP server that e-mails go to, in place of one that shows them; `SMTP_FROM` must then be given too. */
  SMTP_HOST: z.string().min(1).optional(),
  SMTP_PORT: port(587),
  SMTP_USER: z.string().min(1).optional(),
  SMTP_PASSWORD: z.string().min(1).optional(),
  /** Whom e-mails are from: an address, or `Name <address>`. */
  SMTP_FROM: z.string().min(1).optional(),
  /** A Dapr sidecar in place of the embedded one; its tokens must then be given too. */
  DAPR_HTTP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http:// URL' }).optional(),
  DAPR_API_TOKEN: z.string().min(1).optional(),
  APP_API_TOKEN: z.string().min(1).optional(),
  /** What wakes functions when something comes due; left out, jobs of the embedded sidecar, and crons with another one. */
  WAKE_UPS: z.enum(['jobs', 'cron']).optional(),
  /** What webhooks' secrets are encrypted with, as functions are given it; left out, a key is made once and kept. */
  WEBHOOK_SECRETS_KEY: z
    .string()
    .refine(
      (text) => webhookSecretsKeys.safeParse(text).success,
      'must be keys of 32 bytes in Base64, the newest first',
    )
    .optional(),
  /** Whether webhooks may go to http:// and private addresses; left out, they may while only this machine reaches the API. */
  WEBHOOK_ALLOW_PRIVATE_ADDRESSES: z.enum(['true', 'false']).optional(),
  /** Handed to every function: where traces and metrics go. */
  ...telemetry,
});

export type Settings = z.output<typeof settingsSchema>;

/** Reads the settings, or throws an error that names everything that is wrong with them. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): Settings {
  const result = settingsSchema.safeParse(variables);
  if (!result.success) {
    throw new Error(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
  const settings = result.data;
  if (settings.DAPR_HTTP_ENDPOINT && !(settings.DAPR_API_TOKEN && settings.APP_API_TOKEN)) {
    throw new Error('DAPR_HTTP_ENDPOINT needs DAPR_API_TOKEN and APP_API_TOKEN, as that sidecar has them');
  }
  requireWholeMailServer(settings);
  return settings;
}

/** @throws where an SMTP server is named without what belongs to it */
export function requireWholeMailServer({
  SMTP_HOST,
  SMTP_USER,
  SMTP_PASSWORD,
  SMTP_FROM,
}: Pick<Settings, 'SMTP_HOST' | 'SMTP_USER' | 'SMTP_PASSWORD' | 'SMTP_FROM'>): void {
  if (SMTP_HOST && !SMTP_FROM) throw new Error('SMTP_HOST needs SMTP_FROM: whom e-mails are from');
  if (!SMTP_USER !== !SMTP_PASSWORD) throw new Error('SMTP_USER and SMTP_PASSWORD are set both, or neither');
}
