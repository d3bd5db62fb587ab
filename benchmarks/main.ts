/**
 * `npm run bench [QUESTION…]`: cais against dockerd and podman, in one run on this machine.
 * Prints a table with ratios and writes benchmarks/results/<commit>.json. A peer that cannot run gets no ratio.
 */
import { cpus, release, totalmem } from 'node:os';
import { questions } from './questions.ts';
import { startField } from './support/engines.ts';
import { command, type Row } from './support/measure.ts';

const wanted = process.argv.slice(2);
const asked = questions.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
);

await using field = await startField();
for (const line of field.missing) console.log(line);

const rows: Row[] = [];
for (const question of asked) {
  const answers = await question.ask(field.engines);
  rows.push(...answers);
  print(question.name, question.target, answers);
}

const commit = await command(['git', 'rev-parse', '--short', 'HEAD']);
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem(), kernel: release() };
await Bun.write(
  new URL(`results/${commit}.json`, import.meta.url),
  JSON.stringify(
    { commit, at: new Date().toISOString(), machine, missing: field.missing, rows },
    undefined,
    2,
  ) + '\n',
);

function print(name: string, target: number | string, answers: readonly Row[]): void {
  console.log(`\n${name}`);
  const dockerd = answers.find(({ contestant }) => contestant === 'dockerd');
  for (const row of answers) {
    const figure = `${row.median.toFixed(1)} ${row.unit}`.padStart(12);
    const range = row.samples > 1 ? `(${row.minimum.toFixed(1)} to ${row.maximum.toFixed(1)})` : '';
    const share =
      dockerd && row !== dockerd ? `${(row.median / dockerd.median).toFixed(2)} of dockerd's` : '';
    const goal =
      share && row.contestant === 'cais'
        ? `, to reach ${typeof target === 'number' ? target.toFixed(2) : target}`
        : '';
    console.log(`  ${row.contestant.padEnd(8)}${figure}  ${range.padEnd(22)} ${share}${goal}`);
  }
}
