/** Lines of cells, the first of which is the head, as a Markdown table whose columns stand below each other. */
export function table(cells: readonly (readonly string[])[]): string {
  const widths = cells[0]?.map((_, column) => Math.max(3, ...cells.map((line) => line[column]?.length ?? 0))) ?? [];
  const lines = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  return lines.join('\n');
}

/** A measured number for people: three digits or so. */
export function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
