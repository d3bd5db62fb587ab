/** The engine's own cgroup, found in each of the kernel's layouts. */
import { describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CgroupEntry, ownCgroupProcesses } from './cgroup-entry.ts';

function withRoot(directories: readonly string[], check: (root: string) => void | Promise<void>) {
  return async () => {
    const root = mkdtempSync(join(tmpdir(), 'cais-cgroup-'));
    try {
      for (const directory of directories) {
        mkdirSync(join(root, directory), { recursive: true });
        writeFileSync(join(root, directory, 'cgroup.procs'), '');
      }
      await check(root);
    } finally {
      rmSync(root, { recursive: true });
    }
  };
}

describe('ownCgroupProcesses', () => {
  test(
    'v2: the path below the mount',
    withRoot(['system.slice/cais.service'], (root) => {
      const path = ownCgroupProcesses('0::/system.slice/cais.service\n', root);
      expect(path).toBe(`${root}/system.slice/cais.service/cgroup.procs`);
    }),
  );

  test(
    'v1 and hybrid: the first hierarchy that is mounted',
    withRoot(['systemd/a:b', 'unified'], (root) => {
      const path = ownCgroupProcesses('9:net_cls:/\n1:name=systemd:/a:b\n0::/\n', root);
      expect(path).toBe(`${root}/systemd/a:b/cgroup.procs`);
      expect(ownCgroupProcesses('0::/\n', root)).toBe(`${root}/unified/cgroup.procs`);
    }),
  );

  test(
    'none where nothing is mounted',
    withRoot([], (root) => {
      expect(ownCgroupProcesses('0::/\n', root)).toBeUndefined();
    }),
  );
});

describe('CgroupEntry', () => {
  test(
    'writes itself, and nothing where there is no such file',
    withRoot(['unified'], async (root) => {
      const path = join(root, 'unified/cgroup.procs');
      new CgroupEntry(path).prepare();
      new CgroupEntry(undefined).prepare();
      new CgroupEntry(join(root, 'none/cgroup.procs')).prepare();
      for (let wait = 0; wait < 100 && readFileSync(path, 'utf8') === ''; wait++) await Bun.sleep(10);
      expect(readFileSync(path, 'utf8')).toBe('0');
    }),
  );
});
