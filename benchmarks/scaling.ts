/**
 * 10 and 100 copies of the hub on paper, from what `npm run bench copies` measured of one and two:
 *   bun benchmarks/scaling.ts benchmarks/results/COMMIT.json     prints the table of docs/scaling.md, writes docs/images/scaling.svg
 */
import { InvalidError, NotFoundError } from '../src/lib/errors.ts';
import { type Line, chartOf } from './scaling/chart.ts';
import {
  type Demands,
  leastOf,
  limitsOf,
  type Machines,
  type Part,
  parts,
  responseAt,
} from './scaling/model.ts';
import type { Row } from './support/measure.ts';

/** Sixteen cores for PostgreSQL; 25 Gbit/s of the store; 50 MB that a client does not have yet. */
const machines: Machines = { databaseCores: 16, store: 25e9 / 8, bytesOfPull: 50e6 };
const names: Record<Part, string> = {
  copies: 'the copies’ cores',
  database: 'PostgreSQL’s cores',
  lock: 'the lock of writers',
  store: 'the store’s network',
};
const colors: Record<Part, string> = {
  copies: '#1971c2',
  database: '#c2255c',
  lock: '#e8590c',
  store: '#2f9e44',
};
const contestants = { 'one copy': 1, cais: 2, 'two of 10 copies': 10, 'two of 100 copies': 100 };

const [path] = process.argv.slice(2);
if (path === undefined) throw new InvalidError('usage: bun benchmarks/scaling.ts RESULTS.json');
const { rows } = (await Bun.file(path).json()) as { rows: readonly Row[] };

/** In seconds. */
function measured(question: string, contestant: string): number {
  const row = rows.find((each) => each.question === question && each.contestant === contestant);
  if (!row) throw new NotFoundError(`${path} has no ${question} of ${contestant}: ask "copies"`);
  return row.median / 1e6;
}

function demandsOf(images: number): Demands {
  return {
    pull: Object.entries(contestants).map(([name, copies]) => ({
      copies,
      copy: measured(`copies: of a processor, ${images} images`, name),
      database: measured(`PostgreSQL: of a processor, ${images} images`, name),
      lock: measured(`lock of writers, ${images} images`, name),
    })),
    hear: measured('of a processor for a message', 'a copy that hears it'),
    say: measured('of a processor for a message', 'PostgreSQL, two listen'),
    deliver: measured('of a processor for a message', 'PostgreSQL, for each more'),
  };
}

for (const images of [2000, 1]) {
  const demands = demandsOf(images);
  console.log(`\npulls of ${images} images: at most in a second, by part`);
  for (const copies of [1, 2, 5, 10, 20, 50, 100]) {
    const limits = limitsOf(demands, machines, copies);
    const cells = parts.map((part) => Math.round(limits[part]).toLocaleString('en').padStart(8)).join(' | ');
    const first = leastOf(limits);
    const at70 = (1000 * responseAt(demands, machines, copies, 0.7)).toFixed(0);
    console.log(`| ${String(copies).padStart(3)} | ${cells} | ${names[first]} | ${at70} ms |`);
  }
}

const demands = demandsOf(2000);
const lines: readonly Line[] = parts.map((part) => ({
  name: names[part],
  color: colors[part],
  at: (copies) => limitsOf(demands, machines, copies)[part],
}));
const chart = chartOf(lines, {
  title: 'Pulls in a second that each part allows, each of another image',
  xName: 'copies of the hub, one core each',
  xs: [1, 2, 5, 10, 20, 50, 100],
  ys: [10, 100, 1000, 10_000, 100_000],
});
await Bun.write(new URL('../docs/images/scaling.svg', import.meta.url), chart);
