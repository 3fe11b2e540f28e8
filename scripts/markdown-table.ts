/** A table of Markdown, aligned as the formatter aligns it. */
export function markdownTable(header: readonly string[], cells: readonly (readonly string[])[]): string {
  const all = [header, ...cells].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = header.map((_, column) => Math.max(3, ...all.map((row) => row[column]!.length)));
  const [first, ...rest] = all.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`);
  return [first, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest].join('\n');
}
