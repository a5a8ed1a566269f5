import * as z from 'zod/mini';
import { eachOnce, namesAField } from './checks.ts';
import { emailAddress } from './emailAddress.ts';
import { invalid } from './errors.ts';
import { type TaskNotificationKind, taskNotificationKinds } from './notification.ts';
import { DEFAULT_TIME_ZONE, timeZoneSchema } from './time.ts';

export const channels = ['inbox', 'webhook', 'email'] as const;
/** Where a notification can go. */
export const channelSchema = z.enum(channels);
export type Channel = z.output<typeof channelSchema>;

const channelsOfKind = z.array(channelSchema).check(z.maxLength(channels.length), eachOnce('channel'));

/** By kind of notification, the channels that it goes to. */
export type Channels = Readonly<Record<TaskNotificationKind, readonly Channel[]>>;

/** What users do themselves they need not be told; what time brings about they must not miss. */
export const defaultChannels: Channels = {
  'task.created': ['inbox'],
  'task.updated': [],
  'task.completed': [],
  'task.deleted': [],
  'reminder.due': ['inbox', 'webhook', 'email'],
  'recurring.trigger': ['inbox'],
};

const everyKind = <S extends z.ZodMiniType>(schema: S) =>
  Object.fromEntries(taskNotificationKinds.map((kind) => [kind, schema])) as Record<TaskNotificationKind, S>;

const wallTimeSchema = z
  .string()
  .check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Must be a time of the day, written HH:MM.'));

/** What a user chose about notifications, as a client sees it. */
export const preferencesSchema = z
  .object({
    timeZone: z
      .string()
      .check(z.describe('The zone of the IANA database that floating due times and quiet hours are in.')),
    channels: z
      .object(everyKind(z.array(channelSchema)))
      .check(z.describe('By kind of notification, the channels that it goes to.')),
    quietHours: z
      .nullable(z.object({ start: wallTimeSchema, end: wallTimeSchema }))
      .check(
        z.describe(
          'From when until when webhooks and e-mail wait; the end may be the next day’s. The inbox never waits.',
        ),
      ),
    email: z
      .nullable(z.object({ address: z.string(), confirmedAt: z.nullable(z.iso.datetime()) }))
      .check(z.describe('Nothing but a code is sent to an address until that code has confirmed it.')),
    version: z
      .int()
      .check(z.nonnegative(), z.describe('Grows with each change; 0 while everything is as it is by default.')),
  })
  .register(z.globalRegistry, { id: 'Preferences' });

export type Preferences = z.output<typeof preferencesSchema>;

/** What a client sends to change them: a merge patch (RFC 7396). Null puts back the default. */
export const preferencesPatchSchema = z
  .strictObject({
    timeZone: z.optional(z.nullable(timeZoneSchema)),
    channels: z.optional(z.nullable(z.strictObject(everyKind(z.optional(z.nullable(channelsOfKind)))))),
    quietHours: z.optional(
      z.nullable(z.strictObject({ start: z.optional(wallTimeSchema), end: z.optional(wallTimeSchema) })),
    ),
    email: z.optional(z.nullable(z.strictObject({ address: emailAddress }))),
  })
  .check(namesAField)
  .register(z.globalRegistry, {
    id: 'PreferencesPatch',
    description: 'A merge patch (RFC 7396): null puts back the default.',
  });

export type PreferencesPatch = z.output<typeof preferencesPatchSchema>;

/** What is kept of a user's choices: what differs from the defaults. */
export interface Choices extends Pick<Preferences, 'quietHours' | 'email' | 'version'> {
  timeZone: string | null;
  channels: Partial<Record<TaskNotificationKind, Channel[]>>;
}

/** Of a user who never chose anything. */
export const noChoices: Choices = { timeZone: null, channels: {}, quietHours: null, email: null, version: 0 };

/** What a user's choices come to. */
export function toPreferences({ timeZone, channels: chosen, ...others }: Choices): Preferences {
  const all = { ...defaultChannels, ...chosen } as Preferences['channels'];
  return { timeZone: timeZone ?? DEFAULT_TIME_ZONE, channels: all, ...others };
}

/**
 * Choices with a patch applied. Another address than before has to be confirmed. Throws `invalid` for quiet hours with
 * one end only, or none between.
 */
export function choose(before: Choices, patch: PreferencesPatch): Choices {
  return {
    timeZone: patch.timeZone === undefined ? before.timeZone : patch.timeZone,
    channels: chosenChannels(before, patch),
    quietHours: chosenQuietHours(before, patch),
    email: chosenEmail(before, patch),
    version: before.version + 1,
  };
}

function chosenChannels(before: Choices, { channels: patch }: PreferencesPatch): Choices['channels'] {
  if (patch === undefined) return before.channels;
  const merged = Object.entries({ ...(patch && before.channels), ...patch });
  return Object.fromEntries(merged.filter(([, list]) => list !== null && list !== undefined));
}

function chosenQuietHours(before: Choices, { quietHours: patch }: PreferencesPatch): Choices['quietHours'] {
  if (!patch) return patch === undefined ? before.quietHours : null;
  const { start, end } = { ...before.quietHours, ...patch };
  if (!start) throw invalid({ pointer: '/quietHours/start', detail: 'Say when they begin.' });
  if (!end) throw invalid({ pointer: '/quietHours/end', detail: 'Say when they end.' });
  if (start === end) throw invalid({ pointer: '/quietHours/end', detail: 'Must not be the time when they begin.' });
  return { start, end };
}

function chosenEmail(before: Choices, { email: patch }: PreferencesPatch): Choices['email'] {
  if (!patch) return patch === undefined ? before.email : null;
  return patch.address === before.email?.address ? before.email : { address: patch.address, confirmedAt: null };
}
