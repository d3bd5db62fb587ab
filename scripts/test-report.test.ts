import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterSecondRun,
  describeFailures,
  filesToRunAgain,
  readTestReport,
  type TestReport,
} from './test-report.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cais-test-report-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs files of these texts, as the runner does. */
async function run(...texts: string[]): Promise<TestReport> {
  const files = texts.map((_, index) => `${'ab'[index]}.test.ts`);
  for (const [index, file] of files.entries()) {
    const text = `import { describe, expect, test } from 'bun:test';\n${texts[index]}`;
    await Bun.write(join(directory, file), text);
  }
  const report = join(directory, 'report.xml');
  rmSync(report, { force: true });
  const { exitCode } = Bun.spawnSync(
    [
      process.execPath,
      'test',
      '--reporter=junit',
      `--reporter-outfile=${report}`,
      ...files.map((file) => `./${file}`),
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'ignore'] },
  );
  const file = Bun.file(report);
  return readTestReport((await file.exists()) ? await file.text() : undefined, exitCode, files);
}

test('what passed and what was skipped is counted', async () => {
  const report = await run(`
    test('one', () => {});
    describe('a', () => { test('two', () => {}); test.skip('three', () => {}); test.todo('four'); });`);
  expect(report).toEqual({ passed: 2, skipped: 2, failures: [] });
});

test('what failed is named by file, descriptions and test, with what it says', async () => {
  const { passed, failures } = await run(`
    describe('outer <x>', () => describe('in > ner', () => {
      test('passes', () => {});
      test('says "é" & more', () => { throw new Error('first\\n\\n<second>'); });
    }));
    test('is slow', () => Bun.sleep(1000), 20);
    test.each([1, 2])('each %d', (number) => expect(number).toBe(1));`);
  expect(passed).toBe(2);
  expect(failures.map(({ name }) => name)).toEqual([
    'a.test.ts > outer <x> > in > ner > says "é" & more',
    'a.test.ts > is slow',
    'a.test.ts > each 2',
  ]);
  expect(describeFailures(failures.slice(0, 2))).toBe(
    `FAILED a.test.ts > outer <x> > in > ner > says "é" & more
    first
    <second>
FAILED a.test.ts > is slow
    test timed out`,
  );
});

test('a file that does not load is a failure beside those of the others', async () => {
  const { passed, failures } = await run(
    `test('one', () => {}); test('two', () => expect(1).toBe(2));`,
    `import './nowhere.ts'; test('three', () => {});`,
  );
  expect(passed).toBe(1);
  expect(failures.map(({ name }) => name)).toEqual(['a.test.ts > two', 'b.test.ts']);
});

test('a process that ends without a report, or badly after it, is a failure', async () => {
  expect(readTestReport(undefined, 139, ['a.test.ts']).failures).toEqual([
    { name: 'bun test ended with code 139', message: '' },
  ]);
  const { failures } = readTestReport('<testsuites><testsuite name="a" file="a" /></testsuites>', 1, ['a']);
  expect(failures.map(({ name }) => name)).toEqual(['bun test ended with code 1']);
});

test('of a long message the first lines are told', () => {
  expect(describeFailures([{ name: 'a', message: '1\n2\n\n3\n4' }], 'FAILED', 3)).toBe(
    'FAILED a\n    1\n    2\n    3',
  );
});

const failed = (name: string) => ({ name, message: '' });

test('files with a failure are run again, unless they are many or something else failed', () => {
  const files = ['a', 'b', 'c', 'd'];
  expect(filesToRunAgain([failed('a > x'), failed('a > y'), failed('b > x')], files)).toEqual(['a', 'b']);
  expect(filesToRunAgain(files.map(failed), files)).toEqual([]);
  expect(filesToRunAgain([failed('a > x'), failed('bun test ended with code 139')], files)).toEqual([]);
  expect(filesToRunAgain([], files)).toEqual([]);
});

test('what passes the second time is unsteady; what fails again, or only then, has failed', () => {
  const first = { passed: 10, skipped: 1, failures: [failed('a > slow'), failed('a > broken')] };
  const second = { passed: 3, skipped: 0, failures: [failed('a > broken'), failed('a > new')] };
  expect(afterSecondRun(first, second)).toEqual({
    passed: 10,
    skipped: 1,
    failures: [failed('a > broken'), failed('a > new')],
    unsteady: [failed('a > slow')],
  });
});
