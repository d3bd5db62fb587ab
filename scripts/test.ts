/**
 * `npm test`: the checks, then every test of this repository in groups, cheap ones first.
 *   bun scripts/test.ts [GROUP…]     only these groups; their names are below
 * The last line is `N passed, N failed, N skipped`.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedHub } from '../tests/support/running-cais.ts';

/** A group is one `bun test` process: what its files share (ports, mounts) ends with it. */
const groups: Record<string, readonly string[]> = {
  architecture: ['tests/architecture'],
  unit: ['src/lib', 'src/oci', 'src/engine-api', 'src/hub-api', 'src/cli', 'src/bin'],
  hub: ['src/hub'],
  web: ['src/web', 'tests/browser'],
  engine: ['src/engine'],
  clients: ['tests/clients'],
  faults: ['tests/faults'],
  e2e: ['tests/e2e'],
};

/** These start a whole cais with the built-in images, which are made once for all of them: debootstrap takes a minute. */
const needSeed: ReadonlySet<string> = new Set(['clients', 'faults', 'e2e']);

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const wanted = process.argv.slice(2);

if (wanted.length === 0) add(await check());
const seed = await mkdtemp(join(tmpdir(), 'cais-test-seed-'));
try {
  for (const [name, paths] of Object.entries(groups)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    add(await testGroup(name, paths));
  }
} finally {
  await rm(seed, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function add(count: Count): void {
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
}

/** The static checks count as one test: they pass together or not. */
async function check(): Promise<Count> {
  const exitCode = await Bun.spawn([process.execPath, 'scripts/check.ts'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  }).exited;
  return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
}

async function testGroup(name: string, paths: readonly string[]): Promise<Count> {
  const existing = paths.filter(
    (path) => [...new Bun.Glob(`${path}/**/*.test.{ts,tsx}`).scanSync('.')].length > 0,
  );
  if (existing.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  console.log(`\n== ${name}`);
  if (needSeed.has(name) && !existsSync(join(seed, 'hub'))) await seedHub(seed);
  const directory = await mkdtemp(join(tmpdir(), 'cais-test-'));
  const report = join(directory, 'report.xml');
  try {
    const child = Bun.spawn(
      [
        process.execPath,
        'test',
        '--timeout=120000',
        '--reporter=junit',
        `--reporter-outfile=${report}`,
        ...existing.map((path) => `./${path}/`),
      ],
      { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, CAIS_TEST_SEED: seed } },
    );
    const exitCode = await child.exited;
    return await readReport(report, exitCode);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A process that ended badly without a failed test in its report (a crash, a file that does not load) is one failure. */
async function readReport(path: string, exitCode: number): Promise<Count> {
  const file = Bun.file(path);
  const head = (await file.exists()) ? (/<testsuites[^>]*>/.exec(await file.text())?.[0] ?? '') : '';
  const attribute = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const failed = attribute('failures') + attribute('errors');
  const skipped = attribute('skipped');
  const passed = attribute('tests') - failed - skipped;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped };
}
