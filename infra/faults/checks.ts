import { brokerChecks } from './checks/broker.ts';
import type { Check, Evidence, Verdict } from './checks/check.ts';
import { clientChecks } from './checks/clients.ts';
import { eventChecks } from './checks/events.ts';
import { notificationChecks } from './checks/notifications.ts';
import { reminderChecks } from './checks/reminders.ts';
import { scriptChecks } from './checks/scripts.ts';
import { seriesChecks } from './checks/series.ts';
import { writeChecks } from './checks/writes.ts';

/** Every promise that a run is held to. */
export const checks: readonly Check[] = [
  ...writeChecks,
  ...eventChecks,
  ...notificationChecks,
  ...reminderChecks,
  ...seriesChecks,
  ...scriptChecks,
  ...clientChecks,
  ...brokerChecks,
];

/** Holds the evidence against every promise. */
export async function runChecks(evidence: Evidence): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  // One after the other: the embedded Postgres runs one statement at a time anyway.
  for (const { promise, run } of checks) verdicts.push({ promise, ...(await run(evidence)) });
  return verdicts;
}
