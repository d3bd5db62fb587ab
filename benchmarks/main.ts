/**
 * `npm run bench [QUESTION…]`: cais against dockerd and podman, its hub against docker-registry, and a large hub against a small
 * one, in one run on this machine.
 * Prints tables with ratios and writes benchmarks/results/<commit>.json. A peer that cannot run gets no ratio.
 */
import { cpus, release, totalmem } from 'node:os';
import { backupQuestions, startBackupField } from './hub/backup-questions.ts';
import { startCaches } from './hub/cache-field.ts';
import { cacheQuestions, farCacheQuestions, farLink } from './hub/cache-questions.ts';
import { startCopies } from './hub/copies-field.ts';
import { copiesQuestions } from './hub/copies-questions.ts';
import { startLargeHubs } from './hub/large-hubs.ts';
import { largeQuestions } from './hub/large-questions.ts';
import { startMillionHubs } from './hub/million-hubs.ts';
import { millionQuestions } from './hub/million-questions.ts';
import { hubQuestions } from './hub/questions.ts';
import { startRegistries } from './hub/registries.ts';
import { buildQuestions } from './build-questions.ts';
import { manyQuestions } from './many-questions.ts';
import { engineQuestions } from './questions.ts';
import { startField } from './support/engines.ts';
import { command, type Question, type Row } from './support/measure.ts';

const wanted = process.argv.slice(2);
const rows: Row[] = [];
const missing: string[] = [];

const ofHub = asked(hubQuestions);
if (ofHub.length > 0) {
  await using field = await startRegistries();
  await askAll(ofHub, field.registries, field.missing, 'docker-registry');
}
const ofCache = asked(cacheQuestions);
if (ofCache.length > 0) {
  await using field = await startCaches();
  await askAll(ofCache, field, field.missing, 'no cache');
}
const ofFarCache = asked(farCacheQuestions);
if (ofFarCache.length > 0) {
  await using field = await startCaches(farLink);
  await askAll(ofFarCache, field, field.missing, 'no cache');
}
const ofLargeHub = asked(largeQuestions);
if (ofLargeHub.length > 0) {
  await using field = await startLargeHubs();
  await askAll(ofLargeHub, field.hubs, [], 'a hundredth');
}
const ofMillionHub = asked(millionQuestions);
if (ofMillionHub.length > 0) {
  await using field = await startMillionHubs();
  await askAll(ofMillionHub, field.hubs, [], 'a thousand tags');
}
const ofCopies = asked(copiesQuestions);
if (ofCopies.length > 0) {
  await using field = await startCopies();
  await askAll(ofCopies, field, [], 'one copy');
}
const ofBackup = asked(backupQuestions);
if (ofBackup.length > 0) {
  await using field = await startBackupField();
  await askAll(ofBackup, field, [], 'the first');
}
const ofEngine = asked([...engineQuestions, ...manyQuestions, ...buildQuestions]);
if (ofEngine.length > 0) {
  await using field = await startField();
  await askAll(ofEngine, field.engines, field.missing, 'dockerd');
}

const commit = await command(['git', 'rev-parse', '--short', 'HEAD']);
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem(), kernel: release() };
await Bun.write(
  new URL(`results/${commit}.json`, import.meta.url),
  JSON.stringify({ commit, at: new Date().toISOString(), machine, missing, rows }, undefined, 2) + '\n',
);

function asked<Field>(questions: readonly Question<Field>[]): readonly Question<Field>[] {
  return questions.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
}

async function askAll<Field>(
  questions: readonly Question<Field>[],
  field: Field,
  absent: readonly string[],
  peer: string,
): Promise<void> {
  for (const line of absent) console.log(line);
  missing.push(...absent);
  for (const { name, target, ask } of questions) {
    const answers = await ask(field);
    rows.push(...answers);
    console.log(`\n${name}`);
    for (const row of answers) console.log(lineOf(row, answers, peer, target));
  }
}

/** A row with its ratio to the peer's in the same part of the question. */
function lineOf(row: Row, answers: readonly Row[], peer: string, target: number | string): string {
  const parts = new Set(answers.map(({ question }) => question)).size;
  const name = (parts > 1 ? `${row.question}: ${row.contestant}` : row.contestant).padEnd(
    parts > 1 ? 60 : 15,
  );
  const figure = `${row.median.toFixed(1)} ${row.unit}`.padStart(12);
  const range = row.samples > 1 ? `(${row.minimum.toFixed(1)} to ${row.maximum.toFixed(1)})` : '';
  const other = answers.find(({ question, contestant }) => question === row.question && contestant === peer);
  const share = other && row !== other ? `${(row.median / other.median).toFixed(2)} of ${peer}'s` : '';
  const aim = typeof target === 'number' ? target.toFixed(2) : target;
  const goal = share && row.contestant === 'cais' ? `, to reach ${aim}` : '';
  return `  ${name}${figure}  ${range.padEnd(22)} ${share}${goal}`;
}
