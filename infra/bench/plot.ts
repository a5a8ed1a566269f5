import { isRate, type Row } from './figure.ts';

const WIDTH = 760;
const LABEL_WIDTH = 380;
const BAR_LENGTH = 240;
const ROW_HEIGHT = 24;
const PADDING = 8;
/** What is so many times worse than its goal fills the plot; what is worse yet looks the same, and its number tells. */
const WORST = 3;
const MET = '#2da44e';
const MISSED = '#cf6b00';

/**
 * A plot of the rows that have a goal, as SVG: each bar ends where the row stands, beside a line at which its goal is
 * just met. Shorter is better, for rates as well. Undefined where no row has a goal.
 */
export function plotOf(rows: readonly Row[], title: string): string | undefined {
  const judged = rows.flatMap((row) => {
    const shareOfGoal = shareOf(row);
    return shareOfGoal === undefined ? [] : [{ ...row, shareOfGoal }];
  });
  if (judged.length === 0) return undefined;
  const height = judged.length * ROW_HEIGHT + 2 * PADDING;
  const goalX = LABEL_WIDTH + BAR_LENGTH / WORST;
  const bars = judged.map((row, index) => barOf(row, PADDING + index * ROW_HEIGHT));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...bars,
    `<line x1="${goalX}" y1="0" x2="${goalX}" y2="${height}" stroke="#57606a" stroke-dasharray="3 3"/>`,
    '</svg>',
    '',
  ].join('\n');
}

/** What a row has come to in parts of its goal: at most 1 where that is met. */
function shareOf(row: Row): number | undefined {
  if (row.goal === null) return undefined;
  const value = row.ratio ?? row.measured.median;
  return isRate(row) ? row.goal / value : value / row.goal;
}

function barOf(row: Row & { shareOfGoal: number }, y: number): string {
  const { subject, unit, measured, ratio, goal, shareOfGoal } = row;
  const length = (Math.min(shareOfGoal, WORST) / WORST) * BAR_LENGTH;
  const value = ratio === null ? `${measured.median.toPrecision(3)} ${unit}` : `${ratio.toPrecision(2)} ×`;
  const text = `y="${y + 16}" fill="#1f2328"`;
  return [
    `<text x="${LABEL_WIDTH - 8}" text-anchor="end" ${text}>${escaped(shortened(subject))}</text>`,
    `<rect x="${LABEL_WIDTH}" y="${y + 4}" width="${length.toFixed(1)}" height="${ROW_HEIGHT - 8}" fill="${shareOfGoal <= 1 ? MET : MISSED}"/>`,
    `<text x="${LABEL_WIDTH + BAR_LENGTH + 8}" ${text}>${value}, goal ${isRate(row) ? '≥' : '≤'} ${goal}</text>`,
  ].join('\n');
}

function shortened(text: string): string {
  const LONGEST = 62;
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
