/** Times whole commands against each other in turn, so that a machine that slows down slows all of them. */
import { UnavailableError } from '../../src/lib/errors.ts';
import { runChecked } from '../../src/lib/subprocess.ts';

/** One contestant: a command to time, with what has to be done around it untimed. */
export interface Contestant {
  readonly name: string;
  readonly run: () => Promise<unknown>;
  readonly before?: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

export interface Row {
  readonly question: string;
  readonly contestant: string;
  /** Of `ms`, `µs` and `MB` less is better, of `/s` more. */
  readonly unit: 'ms' | 'µs' | 'MB' | '/s';
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly samples: number;
}

export interface Question<Field> {
  readonly name: string;
  /** What was asked for: a share or a multiple of the peer's figure, or a figure. */
  readonly target: number | string;
  readonly ask: (field: Field) => Promise<Row[]>;
}

/** Runs every contestant `rounds` times in turn after one round that does not count. */
export async function race(
  question: string,
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Row[]> {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const contestant of contestants) {
      await contestant.before?.();
      const start = performance.now();
      await contestant.run();
      const elapsed = performance.now() - start;
      await contestant.after?.();
      if (round >= 0) times.get(contestant.name)?.push(elapsed);
    }
  }
  return [...times].map(([contestant, samples]) => summarize(question, contestant, 'ms', samples));
}

export function summarize(
  question: string,
  contestant: string,
  unit: Row['unit'],
  samples: readonly number[],
): Row {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (index: number): number => Math.round((sorted[index] ?? Number.NaN) * 10) / 10;
  return {
    question,
    contestant,
    unit,
    median: at(Math.floor(sorted.length / 2)),
    minimum: at(0),
    maximum: at(sorted.length - 1),
    samples: sorted.length,
  };
}

/** Runs a command that has to succeed; gives what it printed. */
export async function command(argv: readonly string[], env: Record<string, string> = {}): Promise<string> {
  return (await runChecked(argv, { env: { ...process.env, ...env } })).trim();
}

/** Runs a command that has to succeed; what it prints is gone before it reaches us. */
export async function discard(argv: readonly string[], env: Record<string, string>): Promise<void> {
  const child = Bun.spawn([...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', Bun.file('/dev/null'), 'inherit'],
  });
  if ((await child.exited) !== 0)
    throw new UnavailableError(`${argv.join(' ')} ended with ${child.exitCode}`);
}
