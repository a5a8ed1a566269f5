import * as z from 'zod/mini';
import { eachOnce, namesAField } from './checks.ts';
import { taskNotificationKinds } from './notification.ts';
import { text } from './text.ts';

/** A secret that was replaced signs as well for a day, so that receivers can change over; in ms. */
export const PREVIOUS_SECRET_MS = 24 * 60 * 60 * 1000;

/** What servers and proxies take, as a rule. */
const URL_LENGTH = 2048;
const DESCRIPTION_LENGTH = 200;

const urlSchema = z.string().check(
  z.maxLength(URL_LENGTH, { error: `Must have at most ${URL_LENGTH} characters.`, abort: true }),
  z.refine((url) => /^https?:$/.test(parsed(url)?.protocol ?? ''), { error: 'Must be an https:// URL.', abort: true }),
  z.refine((url) => !parsed(url)?.username && !parsed(url)?.password, 'Must not have a user name or password.'),
  z.refine((url) => !url.includes('#'), 'Must not have a fragment, which is sent to nobody.'),
  z.overwrite((url) => parsed(url)?.href ?? url),
);

const kindsSchema = z
  .array(z.enum(taskNotificationKinds))
  .check(
    z.minLength(1, 'Name at least one kind, or give null for those that the preferences send to webhooks.'),
    z.maxLength(taskNotificationKinds.length),
    eachOnce('kind'),
  );

const fields = { url: urlSchema, description: z.nullable(text(DESCRIPTION_LENGTH)), kinds: z.nullable(kindsSchema) };

/** What a client sends to create a webhook. */
export const newWebhookSchema = z
  .strictObject({
    url: fields.url,
    description: z._default(fields.description, null),
    kinds: z._default(fields.kinds, null),
  })
  .register(z.globalRegistry, { id: 'NewWebhook' });

/** What a client sends to change one: a merge patch (RFC 7396). */
export const webhookPatchSchema = z
  .strictObject({
    url: z.optional(fields.url),
    description: z.optional(fields.description),
    kinds: z.optional(fields.kinds),
    enabled: z.optional(z.boolean()),
  })
  .check(namesAField)
  .register(z.globalRegistry, {
    id: 'WebhookPatch',
    description: 'A merge patch (RFC 7396); `"enabled": true` also ends a failing state.',
  });

export type WebhookPatch = z.output<typeof webhookPatchSchema>;

const webhookFields = {
  id: z.uuid(),
  url: z.string(),
  description: z.nullable(z.string()),
  kinds: z
    .nullable(z.array(z.enum(taskNotificationKinds)))
    .check(z.describe('The kinds of notification that it is sent; null: those that the preferences send to webhooks.')),
  enabled: z.boolean(),
  disabledBecause: z
    .nullable(z.enum(['by_user', 'gone', 'failing']))
    .check(z.describe('`gone`: it answered 410. `failing`: it took nothing for five days.')),
  failingSince: z.nullable(z.iso.datetime()).check(z.describe('Since when every attempt has failed.')),
  version: z.int().check(z.positive()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};

/** A webhook as a client sees it. */
export const webhookSchema = z.object(webhookFields).register(z.globalRegistry, { id: 'Webhook' });
export type Webhook = z.output<typeof webhookSchema>;

/** A webhook with the secret that its receiver verifies signatures with: to be seen once. */
export const webhookWithSecretSchema = z
  .object({
    ...webhookFields,
    secret: z
      .nullable(z.string())
      .check(
        z.describe(
          '`whsec_` and Base64, as Standard Webhooks has it. Null where a request is answered again by its key.',
        ),
      ),
  })
  .register(z.globalRegistry, { id: 'WebhookWithSecret' });

/** A webhook with a patch applied. */
export function changedWebhook(before: Webhook, { enabled, ...patch }: WebhookPatch, now: Date): Webhook {
  const state =
    enabled === undefined || (enabled === before.enabled && (!enabled || before.failingSince === null))
      ? {}
      : { enabled, disabledBecause: enabled ? null : ('by_user' as const), failingSince: null };
  const changes = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { ...before, ...changes, ...state, version: before.version + 1, updatedAt: now.toISOString() };
}

function parsed(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
