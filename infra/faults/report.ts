import type { Struck } from './injector.ts';
import { type FaultsResult, isSound } from './run.ts';

/** Shown of each broken promise; the JSON has all. */
const VIOLATIONS_SHOWN = 10;

/** The report of a run, for a person. */
export function describeResult(result: FaultsResult): string {
  const { options, seconds, notQuiet, dataDir } = result;
  const { platform, writes, users, hits, rate, seed } = options;
  const sound = isSound(result);
  return [
    '',
    `${platform} platform, ${writes} writes by ${users} users at ${rate}/s, ${hits} hits, seed ${seed}`,
    `load ${seconds.load.toFixed(0)} s, until quiet ${seconds.quiet.toFixed(0)} s, in all ${seconds.total.toFixed(0)} s`,
    '',
    ...requests(result),
    '',
    ...effects(result),
    '',
    ...hitTable(result.hits),
    '',
    ...verdictLines(result),
    '',
    ...(notQuiet ? [`✘ it never became quiet: ${notQuiet}`] : []),
    sound ? '✔ Every promise was kept.' : `✘ Promises were broken. Data and logs: ${dataDir}`,
  ].join('\n');
}

function requests({ counts, unknownCreations, hungUp }: FaultsResult): string[] {
  const rows = Object.entries(counts).map(([kind, { acknowledged, refused, unknown }]) => [
    kind,
    String(acknowledged + refused + unknown),
    String(acknowledged),
    String(refused),
    String(unknown),
  ]);
  const { total, done } = unknownCreations;
  return [
    ...table(['requests', 'sent', 'acknowledged', 'refused', 'unknown'], rows),
    `of ${total} creations that nobody knew of, ${done} had been done`,
    `of ${hungUp.total} writes on which a client hung up, ${hungUp.done} had been done`,
  ];
}

function effects({ events, notifications, tally }: FaultsResult): string[] {
  const { deliveries, functions } = tally;
  return [
    `events         ${list(events)}`,
    `notifications  ${list(notifications)}`,
    `deliveries     ${list(deliveries)}`,
    `functions      ${list(functions)}`,
    `started again  ${list(tally.restarts) || 'nothing'}`,
  ];
}

function hitTable(hits: readonly Struck[]): string[] {
  const kindOf = ({ name }: Struck) => (name.includes(' + ') ? 'two at once' : name);
  const kinds = [...new Set(hits.map(kindOf))].sort();
  const rows = kinds.map((kind) => {
    const same = hits.filter((hit) => kindOf(hit) === kind && hit.landed);
    const times = same.map(({ recoveredInMs }) => recoveredInMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    return [kind, String(same.length), seconds(times[Math.floor((times.length - 1) / 2)]), seconds(times.at(-1))];
  });
  return table(['hits', 'times', 'recovered, median', 'worst'], rows);
}

function verdictLines({ verdicts }: FaultsResult): string[] {
  return verdicts.flatMap(({ promise, looked, violations }) => [
    `${violations.length === 0 ? '✔' : '✘'} ${promise} (${looked}${violations.length > 0 ? `, broken ${violations.length} times` : ''})`,
    ...violations.slice(0, VIOLATIONS_SHOWN).map((violation) => `    ${violation}`),
  ]);
}

const seconds = (ms: number | undefined) => (ms === undefined ? '–' : `${(ms / 1000).toFixed(1)} s`);

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}
