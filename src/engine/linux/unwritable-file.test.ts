/** The way by which a container once changed the program that entered it (CVE-2019-5736), with and without the guard. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { closeSync, constants, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';
import { openUnwritable } from './unwritable-file.ts';

let directory = '';
let program = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cais-unwritable-'));
  program = join(directory, 'busybox');
  copyFileSync('/bin/busybox', program);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Keeps the program of a process open until the process has ended, then opens it for writing. @returns what came of it. */
async function takeOver(path: string, inherited: 'ignore' | number): Promise<string> {
  const child = Bun.spawn([path, 'sleep', '100'], {
    argv0: 'busybox',
    stdio: ['ignore', 'ignore', 'ignore', inherited],
  });
  const held = openSync(`/proc/${child.pid}/exe`, 'r');
  child.kill('SIGKILL');
  await child.exited;
  try {
    closeSync(openSync(`/proc/self/fd/${held}`, constants.O_WRONLY));
    return 'writable';
  } catch (error) {
    return errnoOf(error) ?? 'unknown';
  } finally {
    closeSync(held);
  }
}

test('a program that runs from such a file cannot be opened for writing through /proc, not even by root', async () => {
  const file = openUnwritable(program);
  expect(file).toBeNumber();
  expect(await takeOver('/proc/self/fd/3', file ?? 'ignore')).toBe('EROFS');
  expect(await takeOver(program, 'ignore')).toBe('writable');
  closeSync(file ?? -1);
});

test('it is the same file, and its mount goes with the descriptor', () => {
  const file = openUnwritable(program) ?? -1;
  expect(readFileSync(`/proc/self/fd/${file}`).equals(readFileSync(program))).toBe(true);
  closeSync(file);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(directory);
});
