import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerConfig, HostConfig } from '../../../engine-api/types.ts';
import { allCapabilities, defaultCapabilities } from '../../../oci/runtime/capabilities.ts';
import type { RuntimeSpec } from '../../../oci/runtime/runtime-spec.ts';
import { parseSeccompProfile } from '../../../oci/runtime/seccomp.ts';
import type { HostFacts, SpecInput } from './spec-input.ts';
import { buildExecProcess } from './spec-process.ts';
import { buildSpec } from './spec.ts';

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'networks-spec-spec-'));
});

afterAll(() => rmSync(root, { recursive: true }));

const host: HostFacts = {
  cgroupVersion: 'v1',
  limitsSwap: true,
  boundingSet: allCapabilities.filter((name) => name !== 'CAP_SYS_RESOURCE'),
  hardLimits: { nofile: 20_000, core: Number.POSITIVE_INFINITY },
  oomScoreAdj: 0,
  initPath: '/usr/bin/tini-static',
  seccompProfile: parseSeccompProfile('{"defaultAction":"SCMP_ACT_ERRNO"}'),
  architecture: 'amd64',
  kernel: [6, 1],
};

function inputWith(
  hostConfig: HostConfig = {},
  config: ContainerConfig = {},
  rest: Partial<SpecInput> = {},
): SpecInput {
  return {
    hostname: 'box',
    rootfs: root,
    config: { Cmd: ['true'], ...config },
    hostConfig,
    mounts: [],
    netnsPath: '/run/netns/x',
    files: { resolvConf: '/state/resolv.conf', hosts: '/state/hosts', hostname: '/state/hostname' },
    cgroupsPath: '/cais/x',
    host,
    ...rest,
  };
}

function spec(hostConfig?: HostConfig, config?: ContainerConfig, rest?: Partial<SpecInput>): RuntimeSpec {
  return buildSpec(inputWith(hostConfig, config, rest));
}

function mountAt(built: RuntimeSpec, destination: string): readonly string[] | undefined {
  return built.mounts.find((mount) => mount.destination === destination)?.options;
}

describe('the process', () => {
  test('runs entrypoint and command, in the working directory', () => {
    const { process } = spec({}, { Entrypoint: ['/bin/sh', '-c'], Cmd: ['ls'], WorkingDir: 'srv' });
    expect(process.args).toEqual(['/bin/sh', '-c', 'ls']);
    expect(process.cwd).toBe('/srv');
  });

  test('needs something to run', () => {
    expect(() => spec({}, { Cmd: [] })).toThrow('no command specified');
  });

  test("has docker's environment, the image's over it, and HOME", () => {
    const { process } = spec({}, { Tty: true, Env: ['PATH=/bin', 'A=1', 'TERM'] });
    expect(process.env).toEqual(['PATH=/bin', 'HOSTNAME=box', 'A=1', 'HOME=/']);
  });

  test('gets its init before it', () => {
    const built = spec({ Init: true });
    expect(built.process.args).toEqual(['/sbin/docker-init', '--', 'true']);
    expect(mountAt(built, '/sbin/docker-init')).toContain('ro');
  });

  test('has capabilities as root, only bounds as somebody else', () => {
    expect(spec().process.capabilities.effective).toEqual([...defaultCapabilities]);
    const { capabilities } = spec({}, { User: '1000' }).process;
    expect(capabilities.effective).toEqual([]);
    expect(capabilities.bounding).toEqual([...defaultCapabilities]);
  });

  test('has limits only where asked', () => {
    expect(spec().process.rlimits).toEqual([]);
    const { process } = spec({ Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }] });
    expect(process.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', soft: 10, hard: 20 }]);
  });

  test('writes an unlimited limit as the 64 bits that it is', () => {
    const { process } = spec({ Ulimits: [{ Name: 'core', Soft: -1, Hard: -1 }] });
    expect(JSON.stringify(process.rlimits)).toContain('"hard":18446744073709551615');
  });

  test('says so when a limit is out of reach, or none', () => {
    const raise = { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 50_000 }] };
    expect(() => spec(raise)).toThrow("engine's own hard limit is 20000");
    expect(() => spec({ Ulimits: [{ Name: 'speed', Soft: 1, Hard: 1 }] })).toThrow(
      'invalid ulimit type: speed',
    );
  });

  test('of exec has the environment of the container and its own over it', () => {
    const process = buildExecProcess(inputWith({}, { Env: ['A=1', 'B=2'], User: '5', WorkingDir: '/w' }), {
      args: ['id'],
      env: ['A=3'],
      user: '',
      workingDir: '/elsewhere',
      tty: false,
      privileged: false,
    });
    expect(process.env).toEqual(expect.arrayContaining(['A=3', 'B=2']));
    expect(process).toMatchObject({ cwd: '/elsewhere', user: { uid: 5 }, args: ['id'] });
  });
});

describe('mounts', () => {
  test('bind the three files of the network', () => {
    const built = spec();
    const sources = built.mounts.filter(({ source }) => source.startsWith('/state/'));
    expect(sources.map((mount) => mount.destination)).toEqual([
      '/etc/resolv.conf',
      '/etc/hostname',
      '/etc/hosts',
    ]);
    expect(mountAt(spec({ ReadonlyRootfs: true }), '/etc/hosts')).toContain('ro');
  });

  test("put the user's parents before their children, over the defaults", () => {
    const bind = (destination: string) =>
      ({ type: 'bind', source: '/src', destination, readonly: true }) as const;
    const built = spec({}, {}, { mounts: [bind('/a/b'), bind('/a'), bind('/etc/hosts')] });
    const own = built.mounts.filter((mount) => mount.source === '/src');
    expect(own.map((mount) => mount.destination)).toEqual(['/a', '/a/b', '/etc/hosts']);
    expect(own[0]?.options).toEqual(['rbind', 'rro', 'rprivate']);
    expect(built.mounts.filter((mount) => mount.destination === '/etc/hosts')).toHaveLength(1);
  });

  test("merge tmpfs options with docker's and refuse unknown ones", () => {
    expect(mountAt(spec({ Tmpfs: { '/t': 'exec,size=1m' } }), '/t')).toEqual([
      'exec',
      'nosuid',
      'nodev',
      'rprivate',
      'size=1m',
    ]);
    expect(() => spec({ Tmpfs: { '/t': 'fast' } })).toThrow('Invalid tmpfs option ["fast"]');
  });

  test('size /dev/shm, and share or leave it as --ipc says', () => {
    expect(mountAt(spec({ ShmSize: 4096 }), '/dev/shm')).toContain('size=4096');
    expect(mountAt(spec({ IpcMode: 'none' }), '/dev/shm')).toBeUndefined();
    const shared = spec({ IpcMode: 'host' }, {}, { shmPath: '/dev/shm' });
    expect(mountAt(shared, '/dev/shm')).toContain('rbind');
  });

  test("are read-only with --read-only, but for the kernel's own", () => {
    const built = spec({ ReadonlyRootfs: true });
    expect(built.root.readonly).toBe(true);
    expect(mountAt(built, '/dev')).not.toContain('ro');
    expect(mountAt(built, '/sys')).toContain('ro');
  });
});

describe('isolation', () => {
  test('gives new namespaces and joins the network made before', () => {
    const { namespaces } = spec().linux;
    expect(namespaces.map(({ type }) => type).toSorted()).toEqual(['ipc', 'mount', 'network', 'pid', 'uts']);
    expect(namespaces).toContainEqual({ type: 'network', path: '/run/netns/x' });
  });

  test('shares what the user shares', () => {
    const shared: HostConfig = { PidMode: 'host', IpcMode: 'host', UTSMode: 'host' };
    const { linux, hostname } = spec(shared, {}, { netnsPath: undefined });
    expect(linux.namespaces.map(({ type }) => type)).toEqual(['mount']);
    expect(linux.sysctl).toEqual({});
    expect(hostname).toBeUndefined();
  });

  test("joins another container's namespaces by its process", () => {
    const { namespaces } = spec({}, {}, { joined: { pid: 12, ipc: 34 } }).linux;
    expect(namespaces).toContainEqual({ type: 'pid', path: '/proc/12/ns/pid' });
    expect(namespaces).toContainEqual({ type: 'ipc', path: '/proc/34/ns/ipc' });
  });

  test('has a cgroup namespace of its own where the unified tree rules', () => {
    const types = (cgroupVersion: HostFacts['cgroupVersion']): string[] =>
      spec({}, {}, { host: { ...host, cgroupVersion } }).linux.namespaces.map(({ type }) => type);
    expect(types('v2')).toContain('cgroup');
    expect(types('hybrid')).not.toContain('cgroup');
  });

  test('masks, filters and protects by default', () => {
    const { linux } = spec();
    expect(linux.maskedPaths).toContain('/proc/kcore');
    expect(linux.readonlyPaths).toContain('/proc/sys');
    expect(linux.seccomp?.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(linux.resources.devices[0]).toEqual({ allow: false, access: 'rwm' });
  });

  test('opens everything that the engine has to a privileged container', () => {
    const built = spec({ Privileged: true });
    expect(built.process.capabilities.bounding).toEqual([...host.boundingSet]);
    expect(built.linux.seccomp).toBeUndefined();
    expect(built.linux.maskedPaths).toBeUndefined();
    expect(built.linux.resources.devices).toEqual([{ allow: true, access: 'rwm' }]);
    expect(built.linux.devices.map(({ path }) => path)).toContain('/dev/null');
    expect(mountAt(built, '/sys')).not.toContain('ro');
  });

  test('reads --security-opt in all its forms', () => {
    const secured = spec({ SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'] });
    expect(secured.process.noNewPrivileges).toBe(true);
    expect(secured.linux.seccomp).toBeUndefined();
    const own = spec({
      SecurityOpt: ['no-new-privileges:false', 'seccomp={"defaultAction":"SCMP_ACT_LOG"}'],
    });
    expect(own.process.noNewPrivileges).toBe(false);
    expect(own.linux.seccomp?.defaultAction).toBe('SCMP_ACT_LOG');
    expect(() => spec({ SecurityOpt: ['magic'] })).toThrow('invalid --security-opt 2: "magic"');
  });
});

describe('resources', () => {
  test('limit memory, processors and processes', () => {
    const { resources } = spec({ Memory: 64e6, NanoCpus: 1.5e9, PidsLimit: 20, CpusetCpus: '0' }).linux;
    expect(resources).toMatchObject({
      memory: { limit: 64e6, swap: 128e6 },
      cpu: { period: 100_000, quota: 150_000, cpus: '0' },
      pids: { limit: 20 },
    });
  });

  test('do not limit swap where the kernel cannot', () => {
    const { memory } = spec({ Memory: 64e6 }, {}, { host: { ...host, limitsSwap: false } }).linux.resources;
    expect(memory).toEqual({ limit: 64e6 });
  });

  test('let a device in by path', () => {
    const { linux } = spec({
      Devices: [{ PathOnHost: '/dev/full', PathInContainer: '/dev/f', CgroupPermissions: 'r' }],
    });
    expect(linux.devices).toMatchObject([{ type: 'c', path: '/dev/f', major: 1, minor: 7 }]);
    expect(linux.resources.devices.at(-1)).toEqual({
      allow: true,
      type: 'c',
      major: 1,
      minor: 7,
      access: 'r',
    });
  });

  test('refuse what is no device', () => {
    expect(() => spec({ Devices: [{ PathOnHost: '/dev/nonexistent' }] })).toThrow(
      'error gathering device information while adding custom device "/dev/nonexistent": no such file or directory',
    );
    expect(() => spec({ DeviceCgroupRules: ['x'] })).toThrow("invalid device cgroup rule format: 'x'");
  });
});
