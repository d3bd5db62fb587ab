/** The engine's disk is full: what filled it ends with a clear message, its files go, and the next one works. Runs as root. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildEvent } from '../../src/engine-api/build.ts';
import { build, type ContextFiles, imageOf, outputOf } from '../support/build-request.ts';
import { eventually } from '../support/eventually.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

/** Room for busybox, what the engine reserves, and 40 MB that a test can fill. */
const diskSize = 64;
const fills = 'dd if=/dev/zero of=/fill bs=64k';

let directory: string;
let engine: RunningEngine;
let free: number;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cais-full-disk-'));
  const data = join(directory, 'data');
  mkdirSync(data);
  expect(Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', `size=${diskSize}m`, 'full-disk', data]).exitCode).toBe(
    0,
  );
  engine = await RunningEngine.start({ data });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  Bun.spawnSync(['umount', join(directory, 'data')]);
  rmSync(directory, { recursive: true });
});

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(join(directory, 'data'));
  return bavail * bsize;
};
beforeEach(() => {
  free = freeBytes();
});

/** Of a few pages of the database's, more or less. */
async function allIsFreeAgain(): Promise<void> {
  await eventually(() => expect(free - freeBytes()).toBeLessThan(1024 * 1024));
}

const built = (files: ContextFiles): Promise<readonly BuildEvent[]> =>
  build(engine, files, { query: { networkmode: 'none' } });

function failureOf(events: readonly BuildEvent[]): string {
  const last = events.at(-1);
  return last?.type === 'failed' ? last.message : '';
}

async function theNextBuildWorks(): Promise<void> {
  imageOf(await built({ Dockerfile: `FROM busybox\nRUN echo ${crypto.randomUUID()} > /works` }));
}

test('a step that fills it fails as the command does', async () => {
  const events = await built({ Dockerfile: `FROM busybox\nRUN ${fills}` });
  expect(failureOf(events)).toContain('did not complete successfully: exit code: 1');
  expect(outputOf(events)).toContain('No space left on device');
  await allIsFreeAgain();
  await theNextBuildWorks();
});

test('a step that fills it and does not mind fails where its layer is written', async () => {
  const events = await built({ Dockerfile: `FROM busybox\nRUN ${fills} || true` });
  expect(failureOf(events)).toMatch(/no space left on (the )?(device|disk)/i);
  await allIsFreeAgain();
  await theNextBuildWorks();
});

test('a context that is larger than what is left is refused', async () => {
  const events = await built({ Dockerfile: 'FROM busybox', large: 'x'.repeat(diskSize * 1024 * 1024) });
  expect(failureOf(events)).toMatch(/no space left on (the )?(device|disk)/i);
  await allIsFreeAgain();
  await theNextBuildWorks();
});

test('a container that fills it ends, and can be removed', async () => {
  const id = await engine.run(['sh', '-c', fills]);
  expect(await engine.wait(id)).toBe(1);
  expect((await engine.call('DELETE', `/containers/${id}`)).status).toBe(204);
  await allIsFreeAgain();
});
