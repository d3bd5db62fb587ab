/** The spec as a runtime takes it: real containers on a busybox root, by runc, without the engine. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerConfig, HostConfig } from '../../../engine-api/types.ts';
import { run } from '../../../lib/subprocess.ts';
import { readHostFacts } from './spec-host.ts';
import type { SpecInput, SpecMount } from './spec-input.ts';
import { buildSpec } from './spec.ts';

let bundle = '';
const id = `networks-spec-${process.pid}`;
const host = readHostFacts();

beforeAll(() => {
  bundle = mkdtempSync(join(tmpdir(), 'networks-spec-runc-'));
  const root = join(bundle, 'rootfs');
  for (const directory of ['bin', 'etc', 'tmp']) mkdirSync(join(root, directory), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  symlinkSync('busybox', join(root, 'bin/sh'));
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nwheel:x:10:ann\n');
  for (const file of ['resolv.conf', 'hosts', 'hostname'])
    writeFileSync(join(bundle, file), `${file} of cais\n`);
});

afterAll(async () => {
  rmSync(bundle, { recursive: true });
  // The parent of the containers' cgroups is ours as well; runc removes only theirs.
  await run([
    'find',
    '/sys/fs/cgroup',
    '-depth',
    '-type',
    'd',
    '-path',
    `*/${id}*`,
    '-exec',
    'rmdir',
    '{}',
    ';',
  ]);
});

interface Case {
  readonly hostConfig?: HostConfig;
  readonly config?: ContainerConfig;
  readonly mounts?: readonly SpecMount[];
}

/** What the script printed, errors included. */
async function inContainer(
  script: string,
  { hostConfig = {}, config = {}, mounts = [] }: Case = {},
): Promise<string> {
  const input: SpecInput = {
    hostname: 'box',
    rootfs: join(bundle, 'rootfs'),
    config: {
      Cmd: [
        'sh',
        '-c',
        `exec 2>&1; for a in $(busybox --list); do alias $a="busybox $a"; done; ${script}; true`,
      ],
      ...config,
    },
    hostConfig,
    mounts,
    netnsPath: undefined,
    files: {
      resolvConf: join(bundle, 'resolv.conf'),
      hosts: join(bundle, 'hosts'),
      hostname: join(bundle, 'hostname'),
    },
    cgroupsPath: `/${id}/box`,
    host,
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(buildSpec(input)));
  const { stdout, stderr, exitCode } = await run(['runc', 'run', '--bundle', bundle, id]);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return stdout;
}

describe('runc starts a container that', () => {
  test("has docker's surroundings: names, environment, files, a filter and few capabilities", async () => {
    const out = await inContainer(
      'id; pwd; echo $PATH $HOME; hostname; cat /etc/hosts; grep -E "CapEff|Seccomp:" /proc/self/status',
      {
        config: { WorkingDir: '/new/dir' },
      },
    );
    expect(out.split('\n').slice(0, 7)).toEqual([
      'uid=0(root) gid=0(root) groups=0(root)',
      '/new/dir',
      '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /root',
      'box',
      'hosts of cais',
      'CapEff:\t00000000a80425fb',
      'Seccomp:\t2',
    ]);
  });

  test('cannot see or change the kernel', async () => {
    const out = await inContainer(
      'echo 1 > /proc/sys/kernel/panic; wc -c < /proc/timer_list; ls /sys/firmware | wc -l; mkdir /sys/fs/cgroup/x; cat /dev/mem',
    );
    expect(out).toContain('Read-only file system');
    expect(out).toContain('\n0\n0\n');
    expect(out).not.toContain('cannot open /proc/sys/kernel/panic: Permission');
  });

  test('runs as another user, without privileges, on a read-only root', async () => {
    const out = await inContainer(
      'id; touch /x; touch /t/y && echo written; grep -E "CapEff|NoNewPrivs" /proc/self/status; ls /h; touch /h/z',
      {
        config: { User: 'ann' },
        hostConfig: { ReadonlyRootfs: true, Tmpfs: { '/t': '' }, SecurityOpt: ['no-new-privileges'] },
        mounts: [{ type: 'bind', source: '/etc/apt', destination: '/h', readonly: true }],
      },
    );
    expect(out).toContain('uid=1000(ann) gid=1000 groups=10(wheel),1000');
    expect(out).toContain('touch: /x: Read-only file system');
    expect(out).toContain('touch: /h/z: Read-only file system');
    expect(out).toContain('written');
    expect(out).toContain('CapEff:\t0000000000000000');
    expect(out).toContain('NoNewPrivs:\t1');
    expect(out).toContain('sources.list.d');
  });

  test('is limited in open files and processes, and has an init', async () => {
    const out = await inContainer('ulimit -n; ulimit -c; cat /proc/1/cmdline | tr "\\0" " "', {
      hostConfig: {
        Init: true,
        PidsLimit: 30,
        Memory: 64 * 1024 * 1024,
        NanoCpus: 5e8,
        Ulimits: [
          { Name: 'nofile', Soft: 100, Hard: 200 },
          { Name: 'core', Soft: -1, Hard: -1 },
        ],
      },
    });
    expect(out).toStartWith('100\nunlimited\n/sbin/docker-init -- sh -c');
  });

  test('has all that the engine has when privileged', async () => {
    const out = await inContainer(
      'grep CapEff /proc/self/status; grep Seccomp: /proc/self/status; ls /dev/kmsg; mkdir /tmp/m && mount -t tmpfs none /tmp/m && echo mounted',
      {
        hostConfig: { Privileged: true },
      },
    );
    const own = /CapBnd:\t(\w+)/.exec(await Bun.file('/proc/self/status').text())?.[1];
    expect(out).toBe(`CapEff:\t${own}\nSeccomp:\t0\n/dev/kmsg\nmounted\n`);
  });
});
