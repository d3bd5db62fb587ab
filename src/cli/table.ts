/** Columns as Go's text/tabwriter aligns them for docker: at least ten wide, three blanks between, the last as it is. */

const minWidth = 10;
const padding = 3;

/** Aligns lines whose cells are separated by tabs. A column reaches over consecutive lines that have it. */
export function alignTabs(text: string, least = minWidth, gap = padding): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((cells) => cells.map(() => 0));
  measure(lines, widths, 0, lines.length, 0, least, gap);
  return lines
    .map((cells, row) =>
      cells
        .map((cell, column) => (column === cells.length - 1 ? cell : pad(cell, widths[row]?.[column] ?? 0)))
        .join(''),
    )
    .join('\n');
}

/** One column of the lines from `first` to `end`, and within each of its blocks the columns right of it. */
function measure(
  lines: readonly string[][],
  widths: number[][],
  first: number,
  end: number,
  column: number,
  least: number,
  gap: number,
): void {
  const has = (row: number) => column < (lines[row]?.length ?? 0) - 1;
  for (let row = first; row < end; row++) {
    if (!has(row)) continue;
    let last = row;
    let width = least;
    for (; last < end && has(last); last++) {
      width = Math.max(width, Array.from(lines[last]?.[column] ?? '').length + gap);
    }
    for (let each = row; each < last; each++) (widths[each] ?? [])[column] = width;
    measure(lines, widths, row, last, column + 1, least, gap);
    row = last - 1;
  }
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - Array.from(cell).length));
}
