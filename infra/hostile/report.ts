import { type HostileResult, isSound } from './run.ts';

/** The report of a run, for a person. */
export function describeResult(result: HostileResult): string {
  const { options, seconds, statuses, hostilities, compared, failures, invariants } = result;
  const codes = [...new Set(Object.values(statuses).flatMap(Object.keys))].sort();
  const rows = Object.entries(statuses)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, counts]) => [name, ...codes.map((code) => String(counts[Number(code)] ?? ''))]);
  const wrong = Object.entries(hostilities).sort(([one], [other]) => one.localeCompare(other));
  return [
    `${options.requests} requests in ${seconds.toFixed(0)} s, seed ${options.seed}; the database compared around ${compared} refused ones`,
    '',
    ...[['function', ...codes], ...rows].map(([name = '', ...cells]) =>
      [name.padEnd(20), ...cells.map((cell) => cell.padStart(6))].join(''),
    ),
    '',
    ...wrong.map(([name, times]) => `${String(times).padStart(6)}  ${name}`),
    '',
    ...[...failures].flatMap(([kind, { times, examples }]) => [`✘ ${kind} (${times} times)`, ...examples]),
    ...invariants.map((broken) => `✘ afterwards: ${broken}`),
    isSound(result) ? '✔ Every promise was kept.' : `✘ Promises were broken: the same seed sends the same requests.`,
  ].join('\n');
}
