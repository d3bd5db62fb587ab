/** Lines over logarithms of both axes, as SVG that fits a light page and a dark one. */

export interface Line {
  readonly name: string;
  readonly color: string;
  readonly at: (x: number) => number;
}

const [width, height] = [760, 420];
const plot = { left: 70, right: 590, top: 30, bottom: 370 };

/** @param xs and @param ys from the least to the most; lines end at the frame. */
export function chartOf(
  lines: readonly Line[],
  { title, xName, xs, ys }: { title: string; xName: string; xs: readonly number[]; ys: readonly number[] },
): string {
  const x = scale(xs, plot.left, plot.right);
  const y = scale(ys, plot.bottom, plot.top);
  const steps = Array.from(
    { length: 101 },
    (_, at) => (xs[0] ?? 1) * ((xs.at(-1) ?? 1) / (xs[0] ?? 1)) ** (at / 100),
  );
  const ends = lines.map(({ at }) => y(at(steps.at(-1) ?? 1)));
  const labels = spread(ends);
  const drawn = lines.map(({ name, color, at }, index) => {
    const points = steps.map((step) => `${x(step).toFixed(1)},${y(at(step))}`).join(' ');
    const label = labels[index] ?? 0;
    return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="2.5"/>
<text x="${plot.right + 8}" y="${(label + 4).toFixed(1)}" fill="${color}">${name}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${plot.left}" y="18" font-weight="bold" fill="#222">${title}</text>
${xs.map((value) => `<path d="M${x(value)} ${plot.top}V${plot.bottom}" stroke="#ddd"/><text x="${x(value)}" y="${plot.bottom + 18}" text-anchor="middle" fill="#444">${value}</text>`).join('\n')}
${ys.map((value) => `<path d="M${plot.left} ${y(value)}H${plot.right}" stroke="#ddd"/><text x="${plot.left - 8}" y="${y(value) + 4}" text-anchor="end" fill="#444">${value.toLocaleString('en')}</text>`).join('\n')}
<text x="${(plot.left + plot.right) / 2}" y="${height - 12}" text-anchor="middle" fill="#444">${xName}</text>
${drawn.join('\n')}
</svg>
`;
}

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [least, most] = [Math.log(values[0] ?? 1), Math.log(values.at(-1) ?? 1)];
  return (value) => {
    const part = (Math.log(Math.max(value, Number.MIN_VALUE)) - least) / (most - least);
    return Math.round(from + Math.min(Math.max(part, 0), 1) * (to - from));
  };
}

/** Names of lines that end beside each other, one below the other. */
function spread(ends: readonly number[]): readonly number[] {
  const order = ends.map((end, index) => ({ end, index })).toSorted((one, other) => one.end - other.end);
  const placed: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { end, index } of order) {
    last = Math.max(end, last + 17);
    placed[index] = last;
  }
  return placed;
}
