/** The client's disk is full: what it writes there is whole or not at all, and says why. Runs as root. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAgainstFake } from '../../src/cli/testing/fake-engine.ts';
import { writeAll } from '../../src/lib/write-all.ts';

const diskSize = 64 * 1024;

let directory: string;
let disk: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cais-full-disk-client-'));
  disk = join(directory, 'disk');
  mkdirSync(disk);
  const mounted = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', `size=${diskSize}`, 'full-disk', disk]);
  expect(mounted.exitCode).toBe(0);
});
afterAll(() => {
  Bun.spawnSync(['umount', disk]);
  rmSync(directory, { recursive: true });
});

// The kernel takes what there is room for and says so without an error: only the next write has one.
test('the last bytes of a file, of which a part fits, are an error', async () => {
  const path = join(disk, 'file');
  await using file = await open(path, 'wx');
  await expect(writeAll(file, new Uint8Array(diskSize + 1))).rejects.toThrow(/no space left/i);
  rmSync(path);
});

test('save -o leaves no archive that lacks its end', async () => {
  const exchanges = [{ method: 'GET', path: '/images/get*', answer: 'x'.repeat(diskSize + 1) }] as const;
  const saved = await runAgainstFake(['save', '-o', join(disk, 'saved.tar'), 'busybox'], { exchanges });
  expect([saved.exitCode, saved.stderr]).toEqual([1, expect.stringMatching(/no space left/i)]);
  expect(readdirSync(disk)).toEqual([]);
});
