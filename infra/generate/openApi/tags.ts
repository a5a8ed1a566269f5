const calendar = { name: 'Calendar', description: 'Tasks in the calendar that the user has already.' };

/** What operations are grouped by: the first part of their path, or of what follows `/admin`. */
const tags: Readonly<Record<string, { name: string; description: string }>> = {
  tasks: { name: 'Tasks', description: 'What is to be done, when, and what reminds of it.' },
  series: { name: 'Series', description: 'What recurring tasks are made from, and when.' },
  notifications: { name: 'Notifications', description: 'What happened, told to the user.' },
  'calendar-addresses': calendar,
  'calendar.ics': calendar,
  preferences: { name: 'Preferences', description: 'How a user wants to be notified.' },
  webhooks: { name: 'Webhooks', description: 'Where notifications are sent to, as Standard Webhooks has it.' },
  deliveries: { name: 'Deliveries', description: 'What was sent by webhook and e-mail, and what became of it.' },
  changes: { name: 'Changes', description: 'Everything that changed for a user, for clients that keep a copy.' },
  stats: { name: 'Statistics', description: 'How much was created and done, by day.' },
  'dead-letters': { name: 'Dead letters', description: 'Events that no function could take, for administrators.' },
  'openapi.json': { name: 'Documents', description: 'What the API says of itself.' },
};

/** The tag of a path. Throws for a path of no known group. */
export function tagOf(path: string): { name: string; description: string } {
  const group = path.split('/').filter((part) => part !== '' && part !== 'admin')[0] ?? '';
  const tag = tags[group];
  if (!tag) throw new Error(`no tag is known for ${path}: add "${group}" to infra/generate/openApi/tags.ts`);
  return tag;
}
