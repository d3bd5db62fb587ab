/**
 * `npm test`: the checks, then every test of this repository in groups, cheap ones first.
 *   bun scripts/test.ts [GROUP…]     only these groups; their names are below
 * What failed is run a second time without the rest of its group, since machines that tests share are slow at times: what
 * passes then is told as UNSTEADY and wants to be mended. What failed is told once more at the end; the last line is
 * `N passed, N failed, N skipped`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedHub } from '../tests/support/running-cais.ts';
import { startTestStore } from '../tests/support/test-store.ts';
import {
  afterSecondRun,
  describeFailures,
  filesToRunAgain,
  readTestReport,
  type SteadiedReport,
  type TestFailure,
  type TestReport,
} from './test-report.ts';

/** Folders of src with a group of their own; every other one is of the group `unit`, so that none is forgotten. */
const large: ReadonlySet<string> = new Set(['hub', 'web', 'engine']);

/** A group is one `bun test` process: what its files share (ports, mounts) ends with it. Those without folders are `onceMore`. */
const groups: Record<string, readonly string[]> = {
  architecture: ['tests/architecture'],
  unit: ['scripts', ...readdirSync('src').flatMap((name) => (large.has(name) ? [] : [`src/${name}`]))],
  hub: ['src/hub'],
  postgres: [],
  s3: [],
  web: ['src/web', 'tests/browser'],
  engine: ['src/engine'],
  clients: ['tests/clients'],
  packaging: ['tests/packaging'],
  faults: ['tests/faults'],
  e2e: ['tests/e2e'],
};

/** What of `src/hub` runs again: on PostgreSQL where what the database does is what is seen, over an object store where blobs are. */
const onceMore: Record<string, readonly string[]> = {
  postgres: [
    'registry/conformance/*',
    'search/*',
    'audit/*',
    'registry/{collect-garbage,manifests}',
    'api/{repositories,tags,images,immutable-tags,organizations,deleted,activity,audit,cache}',
    'upstream/{pull-through,bad-upstream,cache-keeper,slow-upstream}',
    'oidc/sign-in-by-provider',
  ],
  s3: ['registry/conformance/*', 'upstream/{pull-through,bad-upstream,cache-keeper,slow-upstream}'],
};

/** In a network of their own: Chromium gives up what it is fetching whenever another test makes a bridge. */
const apart: ReadonlySet<string> = new Set(['web']);
const inOwnNetwork = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/** These start a whole cais with the built-in images, which are made once for all of them: debootstrap takes a minute. */
const needSeed: ReadonlySet<string> = new Set(['clients', 'faults', 'e2e']);

const nothing: SteadiedReport = { passed: 0, skipped: 0, failures: [], unsteady: [] };

const failures: TestFailure[] = [];
const unsteady: TestFailure[] = [];
let passed = 0;
let skipped = 0;
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
if (unsteady.length > 0) console.log(`\n${describeFailures(unsteady, 'UNSTEADY')}`);
if (failures.length > 0) console.log(`\n${describeFailures(failures)}\n`);
console.log(`${passed} passed, ${failures.length} failed, ${skipped} skipped`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;

function add(report: SteadiedReport): void {
  passed += report.passed;
  skipped += report.skipped;
  failures.push(...report.failures);
  unsteady.push(...report.unsteady);
}

/** The static checks count as one test: they pass together or not. */
async function check(): Promise<SteadiedReport> {
  const exitCode = await Bun.spawn([process.execPath, 'scripts/check.ts'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  }).exited;
  const failed = { name: 'scripts/check.ts', message: '' };
  return exitCode === 0 ? { ...nothing, passed: 1 } : { ...nothing, failures: [failed] };
}

async function testGroup(name: string, paths: readonly string[]): Promise<SteadiedReport> {
  const patterns =
    onceMore[name]?.map((names) => `src/hub/${names}.test.ts`) ??
    paths.map((path) => `${path}/**/*.test.{ts,tsx}`);
  const files = patterns.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync('.')]);
  if (files.length === 0) return nothing;
  console.log(`\n== ${name}`);
  if (needSeed.has(name) && !existsSync(join(seed, 'hub'))) await seedHub(seed);
  const first = await runFiles(name, files);
  const again = filesToRunAgain(first.failures, files);
  if (again.length === 0) return { ...first, unsteady: [] };
  console.log(`\n== ${name}, once more: ${again.join(' ')}`);
  return afterSecondRun(first, await runFiles(name, again));
}

async function runFiles(group: string, files: readonly string[]): Promise<TestReport> {
  await using store = group === 's3' ? await startTestStore() : undefined;
  const directory = await mkdtemp(join(tmpdir(), 'cais-test-'));
  const report = join(directory, 'report.xml');
  try {
    const child = Bun.spawn(
      [
        ...(apart.has(group) ? inOwnNetwork : []),
        process.execPath,
        'test',
        '--timeout=120000',
        '--reporter=junit',
        `--reporter-outfile=${report}`,
        ...files.map((file) => `./${file}`),
      ],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, CAIS_TEST_SEED: seed, CAIS_TEST_DATABASE: group, ...store?.settings },
      },
    );
    const exitCode = await child.exited;
    const file = Bun.file(report);
    return readTestReport((await file.exists()) ? await file.text() : undefined, exitCode, files);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
