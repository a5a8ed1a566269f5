import { round, table } from '../bench/table.ts';
import { type AtRest, monthlyCost } from './cost.ts';
import type { RestReport } from './measureRest.ts';
import { rates, workload } from './workload.ts';

const HOUR_S = 3600;
const USERS = [0, 1, 1_000, 1_000_000];

/** Measurements, one line each, as a Markdown table. */
export function restTable(reports: readonly RestReport[]): string {
  return table([
    [
      '',
      'minutes',
      'full hours',
      'functions woken',
      'process seconds',
      'database requests',
      'Neon awake',
      'memory of what stays up',
    ],
    ...reports.map((report) => [
      nameOf(report),
      round(report.seconds / 60),
      String(report.fullHours.length),
      describeStarts(report.functions.starts),
      round(report.functions.processSeconds),
      describeRequests(report.database.requests),
      `${round(report.database.neonSeconds)} s`,
      describeMemory(report.memory),
    ]),
  ]);
}

/** Whether hours and months can be told from a report: it is of whole hours, and so has all that crons do in them. */
export function isOfWholeHours({ seconds }: Pick<RestReport, 'seconds'>): boolean {
  return seconds % HOUR_S === 0;
}

/** A month of nobody, of one user, a thousand and a million, as each report leaves it, as a Markdown table. */
export function costTable(reports: readonly RestReport[]): string {
  return table([
    ['users', '', 'Neon awake', 'CU-hours', 'Neon', 'calls', 'GB-hours of functions', 'GB-hours of what stays up'],
    ...USERS.flatMap((users) =>
      reports.map((report) => {
        const month = monthlyCost(users, atRest(report), { workload, rates });
        return [
          whole(users),
          nameOf(report),
          `${round(month.neonAwake * 100)} %`,
          round(month.cuHours),
          `$${month.neonPrice.toFixed(2)}`,
          whole(month.calls),
          round(month.functionGbHours),
          round(month.alwaysOnGbHours),
        ];
      }),
    ),
  ]);
}

/** What the months are reckoned with, one line each. */
export function describeAssumptions(): string {
  const { sessions, sessionSeconds, wakes, calls } = workload;
  const callsOf = Object.entries(calls).map(([name, perDay]) => `${name} ${perDay}`);
  return [
    `- A user and day: ${sessions} sessions of ${sessionSeconds} s, ${wakes} moments at which something comes due; calls of ${callsOf.join(', ')}.`,
    `- A function's process: ${rates.processGb} GB, for ${rates.processSeconds} s after a call; ${rates.callSeconds} s of a processor for each, and ${rates.utilisation * 100} % of one before there is a second process.`,
    `- Neon: ${rates.leastCu} CU at least, suspended after ${rates.suspendSeconds} s; ${rates.transactionsPerCall} transactions of a call, ${rates.transactionsPerCu} a second on one CU; $${rates.cuHourPrice} per CU-hour. Storage is not in it.`,
  ].join('\n');
}

/** What of a report a month is reckoned from. */
export function atRest({ seconds, functions, database, memory }: RestReport): AtRest {
  const perHour = HOUR_S / seconds;
  const alwaysOn = memory.filter(({ isDatabase }) => !isDatabase);
  return {
    neonSeconds: database.neonSeconds * perHour,
    processSeconds: functions.processSeconds * perHour,
    starts: functions.starts.length * perHour,
    alwaysOnGb: alwaysOn.reduce((sum, { mb }) => sum + mb, 0) / 1024,
  };
}

/** What can't be seen in the tables: that a window had no full hour, for example, of which they would tell too little. */
export function warningsOf(report: RestReport): string[] {
  const { fullHours, memory } = report;
  return [
    ...(isOfWholeHours(report) ? [] : ['The window is not of whole hours, so no month is reckoned from it.']),
    ...(fullHours.length > 0 ? [] : ['It had no full hour in it, at which hourly crons come.']),
    ...(memory.length > 0 ? [] : ['Some function ran all the time, so the memory of what stays up is not known.']),
  ];
}

function nameOf({ platform, wakeUps }: RestReport): string {
  return `${platform}, ${wakeUps === 'jobs' ? 'jobs' : 'minute cron'}`;
}

/** How often each function was woken, the most frequent first. */
function describeStarts(starts: RestReport['functions']['starts']): string {
  const times = new Map<string, number>();
  for (const { function: name } of starts) times.set(name, (times.get(name) ?? 0) + 1);
  const each = [...times].sort(([, one], [, other]) => other - one).map(([name, count]) => `${name} ${count}`);
  return each.length > 0 ? `${starts.length}: ${each.join(', ')}` : '0';
}

function describeRequests({ functions, sidecar, 'health probe': probes }: RestReport['database']['requests']): string {
  const others = [sidecar > 0 && `sidecar ${sidecar}`, probes > 0 && `health probes ${probes}`].filter(Boolean);
  return [String(functions), ...others].join(', ');
}

function describeMemory(memory: RestReport['memory']): string {
  return memory.map(({ part, mb }) => `${part} ${round(mb)} MB`).join(', ');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
