/** The engine ends by kill -9 in the middle of steps of builds: what they had come to is whole, and nothing else is left. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngineDatabase } from '../../src/engine/database.ts';
import { StepEngine } from '../support/step-engine.ts';

setDefaultTimeout(180_000);

/** Each time some steps further, moved by chance. */
const tries = 6;
const longest = 400;

/** Kills the engine `after` milliseconds from the beginning of its n-th step. */
async function killSteps(directory: string, steps: number, after: number): Promise<void> {
  const program = join(import.meta.dir, '../support/step-crash-child.ts');
  const child = Bun.spawn([process.execPath, program, directory], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  // Not given up before it is killed: its writing must not fail.
  const reader = child.stdout.getReader();
  let begun = 0;
  while (begun < steps) {
    const { done, value } = await reader.read();
    if (done) break;
    begun += value.filter((byte) => byte === newline).length;
  }
  expect(begun).toBeGreaterThanOrEqual(steps);
  await Bun.sleep(after);
  child.kill('SIGKILL');
  await child.exited;
}

const newline = 10;

/** What the stores say against what is on the disk. */
async function expectWhole({ deps, config }: StepEngine): Promise<void> {
  expect(deps.containers.list()).toEqual([]);
  const records = deps.buildCache.list();
  for (const { layers } of records) {
    for (const { chainId, diffId } of layers) {
      expect(deps.snapshots.hasLayer(chainId)).toBe(true);
      expect(await deps.images.contents.stat(diffId)).toBeDefined();
    }
  }
  const known = [...records, ...deps.images.list()].flatMap(({ layers }) => layers);
  const overlay = join(config.dataDirectory, 'overlay');
  expect(readdirSync(join(overlay, 'l'))).toHaveLength(new Set(known.map(({ chainId }) => chainId)).size);
  expect(readdirSync(join(overlay, 'c'))).toEqual([]);
  const blobs = await Array.fromAsync(deps.images.contents.list(), ({ digest }) => digest);
  expect(new Set(blobs)).toEqual(new Set(known.map(({ diffId }) => diffId)));
  using database = openEngineDatabase(join(config.dataDirectory, 'engine.db'));
  expect(database.query('SELECT chain_id FROM pending_layers').all()).toEqual([]);
  expect(readdirSync(join(config.dataDirectory, 'containers'))).toEqual([]);
}

/** Of mounts, and of processes of containers and their monitors. */
function leftIn(directory: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${directory}/`));
  const processes = readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory);
    } catch {
      return false;
    }
  });
  return [...mounts, ...processes];
}

test('kill -9 in the middle of steps', async () => {
  await using engine = await StepEngine.start();
  let kept = 0;
  for (let round = 0; round < tries; round++) {
    await engine.close();
    expect(leftIn(engine.directory)).toEqual([]);
    await killSteps(engine.directory, 1 + round, Math.random() * longest);
    await engine.open();
    await expectWhole(engine);
    const records = engine.deps.buildCache.list().length;
    expect(records).toBeGreaterThanOrEqual(kept);
    kept = records;
  }
  expect(kept).toBeGreaterThan(0);
});
