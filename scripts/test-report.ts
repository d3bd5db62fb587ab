/** What one `bun test` process did, as its JUnit report tells it: how many tests, and which of them failed and why. */

export interface TestReport {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly TestFailure[];
}

export interface TestFailure {
  /** `file > describe > test`, or what failed outside of any test. */
  readonly name: string;
  /** Several lines, or none. */
  readonly message: string;
}

/**
 * @param report the text; undefined when the process ended before it wrote one, which is a failure.
 * @param files that the process was to run, as paths. One that does not load is missing from the report: a failure, too.
 */
export function readTestReport(
  report: string | undefined,
  exitCode: number,
  files: readonly string[],
): TestReport {
  const ended = { name: `bun test ended with code ${exitCode}`, message: '' };
  if (report === undefined) return { passed: 0, skipped: 0, failures: [ended] };
  const failures: TestFailure[] = [];
  const seen = new Set<string>();
  const names: string[] = [];
  let tests = 0;
  let skipped = 0;
  for (const { tag, isEnd, isEmpty, attributes } of tagsOf(report)) {
    if (isEnd) {
      if (tag !== 'failure') names.pop();
      continue;
    }
    if (tag === 'testcase') tests++;
    if (tag === 'skipped') skipped++;
    // The outermost name is the file's; the report's own has no file.
    if (tag === 'testsuite') seen.add(attributes['file'] ?? '');
    if (tag === 'failure') {
      failures.push({ name: names.slice(1).join(' > '), message: attributes['message'] ?? '' });
    } else if (!isEmpty) names.push(attributes['name'] ?? '');
  }
  const passed = tests - skipped - failures.length;
  if (exitCode !== 0) {
    const missing = files.filter((file) => !seen.has(file));
    failures.push(...missing.map((name) => ({ name, message: 'did not load, or has no test' })));
  }
  return { passed, skipped, failures: failures.length === 0 && exitCode !== 0 ? [ended] : failures };
}

/** Above this many files with failures something is broken, not unsteady. */
const mostUnsteadyFiles = 3;

/** The files to run a second time, alone: those of the failures, unless they are many, or one has no file. */
export function filesToRunAgain(
  failures: readonly TestFailure[],
  files: readonly string[],
): readonly string[] {
  const failed = [...new Set(failures.map(({ name }) => name.split(' > ')[0] ?? ''))];
  return failed.length <= mostUnsteadyFiles && failed.every((file) => files.includes(file)) ? failed : [];
}

export interface SteadiedReport extends TestReport {
  /** What failed among the others and passed alone. */
  readonly unsteady: readonly TestFailure[];
}

/** A failure counts when the second run has it as well; so does whatever only the second run failed. */
export function afterSecondRun(first: TestReport, second: TestReport): SteadiedReport {
  const failedAgain = new Set(second.failures.map(({ name }) => name));
  const unsteady = first.failures.filter(({ name }) => !failedAgain.has(name));
  const failedBefore = new Set(first.failures.map(({ name }) => name));
  const onlyNow = second.failures.filter(({ name }) => !failedBefore.has(name));
  return {
    passed: first.passed + unsteady.length - onlyNow.length,
    skipped: first.skipped,
    failures: second.failures,
    unsteady,
  };
}

interface Tag {
  readonly tag: string;
  readonly isEnd: boolean;
  readonly isEmpty: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

/** In the report's order; a bracket that belongs to a text or an attribute is written as an entity. */
function* tagsOf(report: string): Generator<Tag> {
  for (const [, slash, tag = '', inner = '', end] of report.matchAll(/<(\/?)(\w+)([^<>]*?)(\/?)>/g)) {
    const pairs = [...inner.matchAll(/ (\w+)="([^"]*)"/g)];
    const attributes = Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, decode(value)]));
    yield { tag, isEnd: slash !== '', isEmpty: end !== '', attributes };
  }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function decode(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name = '') =>
    code === undefined ? (entities[name] ?? whole) : String.fromCodePoint(Number(code)),
  );
}

/** The failures again, one after the other, with the first lines of what each says. */
export function describeFailures(failures: readonly TestFailure[], word = 'FAILED', lines = 12): string {
  return failures
    .flatMap(({ name, message }) => [
      `${word} ${name}`,
      ...Bun.stripANSI(message)
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(0, lines)
        .map((line) => `    ${line}`),
    ])
    .join('\n');
}
