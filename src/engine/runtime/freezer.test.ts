import { describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeze, hasFreezer, thaw } from './freezer.ts';

/** A directory with the files of a cgroup; a real freezer is in engine.test.ts, where a container is paused. */
async function inCgroup(
  files: Record<string, string>,
  use: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-freezer-'));
  try {
    for (const [name, text] of Object.entries(files)) await Bun.write(join(directory, name), text);
    await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('the freezer', () => {
  test('speaks the words of cgroup v1', async () => {
    await inCgroup({ 'freezer.state': 'THAWED\n' }, async (directory) => {
      await freeze(directory);
      expect(await Bun.file(join(directory, 'freezer.state')).text()).toBe('FROZEN');
      await thaw(directory);
      expect(await Bun.file(join(directory, 'freezer.state')).text()).toBe('THAWED');
    });
  });

  test('speaks the words of cgroup v2, and believes what the events say', async () => {
    await inCgroup(
      { 'cgroup.freeze': '0\n', 'cgroup.events': 'populated 1\nfrozen 0\n' },
      async (directory) => {
        const frozen = freeze(directory);
        await Bun.sleep(20);
        await Bun.write(join(directory, 'cgroup.events'), 'populated 1\nfrozen 1\n');
        await frozen;
        expect(await Bun.file(join(directory, 'cgroup.freeze')).text()).toBe('1');
        await thaw(directory);
        expect(await Bun.file(join(directory, 'cgroup.freeze')).text()).toBe('0');
      },
    );
  });

  test('gives up on processes that do not halt, and lets all go on', async () => {
    await inCgroup({ 'cgroup.freeze': '0\n', 'cgroup.events': 'frozen 0\n' }, async (directory) => {
      await expect(freeze(directory)).rejects.toThrow('do not come to a halt');
      expect(await Bun.file(join(directory, 'cgroup.freeze')).text()).toBe('0');
    });
  });

  test('is not in a directory that is no cgroup', async () => {
    await inCgroup({}, async (directory) => expect(hasFreezer(directory)).toBe(false));
  });
});
