const GAP = 2;

/**
 * Rows of cells as aligned text: the first column to the left, the others to the right. What does not fit the width goes
 * into a further block, with the first column again.
 *
 * @param header the columns' names; as many as each row has cells
 */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[], width: number): string[] {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  const most = Math.max(1, width - widths.slice(1).reduce((widest, w) => Math.max(widest, w + GAP), 0));
  const first = Math.min(widths[0]!, most);
  const blocks: number[][] = [];
  let left = 0;
  for (let column = 1; column < header.length; column++) {
    const needed = widths[column]! + GAP;
    if (blocks.length === 0 || left < needed) {
      blocks.push([]);
      left = width - first;
    }
    blocks.at(-1)!.push(column);
    left -= needed;
  }
  return blocks.flatMap((columns, i) => [
    ...(i === 0 ? [] : ['']),
    ...lines.map((cells) => {
      const rest = columns.map((column) => ' '.repeat(GAP) + cells[column]!.padStart(widths[column]!));
      return (clip(cells[0]!, first).padEnd(first) + rest.join('')).trimEnd();
    }),
  ]);
}

/** The text, cut to a width, with a mark where it was cut. */
function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Words in lines of a width; continued lines are indented. A word longer than a line is broken. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    for (let rest = word; rest !== ''; ) {
      const joined = line === '' || line === indent ? line + rest : `${line} ${rest}`;
      if (joined.length <= width) {
        line = joined;
        rest = '';
      } else if (line === '' || line === indent) {
        lines.push(joined.slice(0, width));
        rest = joined.slice(width);
        line = indent;
      } else {
        lines.push(line);
        line = indent;
      }
    }
  }
  return line.trim() === '' ? lines : [...lines, line];
}
