import { describe, expect, test } from 'bun:test';
import { parseFlags } from '../../parse-flags.ts';
import { createBody } from './create-body.ts';
import { createFlags } from './create-flags.ts';

function body(words: string, variables: Record<string, string> = {}, isAttached = true) {
  const parsed = parseFlags(createFlags, words.split(' '), false);
  if ('help' in parsed) throw new TypeError('help was not asked for');
  return createBody(parsed.values, parsed.given, parsed.args, variables, isAttached);
}

describe('createBody', () => {
  test('an image alone asks for nothing else', () => {
    expect(body('busybox')).toEqual({
      Image: 'busybox',
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Env: [],
      Labels: {},
      HostConfig: {
        Privileged: false,
        ReadonlyRootfs: false,
        PublishAllPorts: false,
        AutoRemove: false,
        RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
        NetworkMode: 'default',
      },
      NetworkingConfig: { EndpointsConfig: {} },
    });
  });

  test('-it attaches stdin once, detached attaches nothing', () => {
    const attached = body('-it busybox sh');
    expect([attached.Tty, attached.OpenStdin, attached.StdinOnce, attached.AttachStdin]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    const detached = body('-it busybox', {}, false);
    expect([detached.OpenStdin, detached.StdinOnce, detached.AttachStdin, detached.AttachStdout]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('-a chooses the streams', () => {
    const { AttachStdin, AttachStdout, AttachStderr } = body('-a stderr busybox');
    expect([AttachStdin, AttachStdout, AttachStderr]).toEqual([false, false, true]);
  });

  test('-e NAME takes the value from here', () => {
    expect(body('-e A=1 -e B -e C x', { B: 'two' }).Env).toEqual(['A=1', 'B=two', 'C']);
  });

  test('ports: address, range, protocol', () => {
    const { ExposedPorts, HostConfig } = body(
      '-p 127.0.0.1:8080:80 -p 53:53/udp -p 90-91:90-91 -p 7 -p [::1]:1:1 --expose 5-6 x',
    );
    expect(HostConfig.PortBindings).toEqual({
      '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
      '53/udp': [{ HostIp: '', HostPort: '53' }],
      '90/tcp': [{ HostIp: '', HostPort: '90' }],
      '91/tcp': [{ HostIp: '', HostPort: '91' }],
      '7/tcp': [{ HostIp: '', HostPort: '' }],
      '1/tcp': [{ HostIp: '::1', HostPort: '1' }],
    });
    expect(Object.keys(ExposedPorts ?? {})).toContainAllValues([
      '5/tcp',
      '6/tcp',
      '80/tcp',
      '53/udp',
      '90/tcp',
      '91/tcp',
      '7/tcp',
      '1/tcp',
    ]);
  });

  test('volumes: binds, anonymous, mounts', () => {
    const { Volumes, HostConfig } = body(
      '-v /a:/b:ro -v name:/c -v /d --mount type=bind,src=/e,dst=/f,readonly --mount type=tmpfs,target=/g,tmpfs-size=1m --tmpfs /h:size=1k x',
    );
    expect(HostConfig.Binds).toEqual(['/a:/b:ro', 'name:/c']);
    expect(Volumes).toEqual({ '/d': {} });
    expect(HostConfig.Mounts).toEqual([
      { Type: 'bind', Source: '/e', Target: '/f', ReadOnly: true },
      { Type: 'tmpfs', Target: '/g', TmpfsOptions: { SizeBytes: 1_048_576 } },
    ]);
    expect(HostConfig.Tmpfs).toEqual({ '/h': 'size=1k' });
  });

  test('limits and isolation', () => {
    const { HostConfig } = body(
      '-m 64m --cpus 0.5 --pids-limit 10 --cap-add NET_ADMIN --cap-drop ALL --read-only --privileged --init --ulimit nofile=1:2 --restart on-failure:3 --network host --pid host x',
    );
    expect(HostConfig).toMatchObject({
      Memory: 67_108_864,
      NanoCpus: 500_000_000,
      PidsLimit: 10,
      CapAdd: ['NET_ADMIN'],
      CapDrop: ['ALL'],
      ReadonlyRootfs: true,
      Privileged: true,
      Init: true,
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
      NetworkMode: 'host',
      PidMode: 'host',
    });
  });

  test('an empty entry point is sent, none is not', () => {
    expect(body('--entrypoint= x').Entrypoint).toEqual(['']);
    expect('Entrypoint' in body('x')).toBe(false);
  });

  test('several networks, the first with the container’s own address', () => {
    const { NetworkingConfig, HostConfig } = body(
      '--network a --network name=b,alias=x,ip=10.0.0.2 --network-alias y --ip 10.1.0.2 x',
    );
    expect(HostConfig.NetworkMode).toBe('a');
    expect(NetworkingConfig.EndpointsConfig).toEqual({
      a: { Aliases: ['y'], IPAMConfig: { IPv4Address: '10.1.0.2' } },
      b: { Aliases: ['x'], IPAMConfig: { IPv4Address: '10.0.0.2' } },
    });
  });

  test.each([
    ['--env-file /nonexistent x', 'open /nonexistent: no such file or directory'],
    ['-p x y', 'invalid containerPort: x'],
    ['-p 80-82:90-91 x', 'invalid ranges specified for container and host Ports'],
    ['--security-opt x y', 'Invalid --security-opt: "x"'],
    ['--no-healthcheck --health-cmd y x', '--no-healthcheck conflicts with --health-* options'],
  ])('%s is refused before the engine hears of it', (words, message) => {
    expect(() => body(words)).toThrow(message);
  });
});

describe('networks', () => {
  const endpoints = (words: string) => body(words).NetworkingConfig.EndpointsConfig;

  test('options given apart belong to the first one', () => {
    expect(endpoints('--network one --network two --ip 10.0.0.2 --network-alias web x')).toEqual({
      one: { Aliases: ['web'], IPAMConfig: { IPv4Address: '10.0.0.2' } },
      two: {},
    });
  });

  test('a link is an endpoint’s, but on the default bridge', () => {
    expect(endpoints('--network one --link db:database x')).toEqual({ one: { Links: ['db:database'] } });
    expect(endpoints('--link db x')).toEqual({});
    expect(body('--link db x').HostConfig.Links).toEqual(['db']);
  });

  test('one network without wishes says nothing of itself', () => {
    expect(endpoints('--network one x')).toEqual({});
    expect(endpoints('--ip 10.0.0.2 x')).toEqual({ default: { IPAMConfig: { IPv4Address: '10.0.0.2' } } });
  });

  test.each([
    ['--network name=one,alias=a --network-alias b x', 'both --network-alias and per-network alias'],
    ['--network name=one,ip=10.0.0.2 --ip 10.0.0.3 x', 'both --ip and per-network IPv4 address'],
    ['--network-alias a x', 'network-scoped aliases are only supported for user-defined networks'],
    ['--network one --network bridge x', 'both user-defined and non-user-defined network-modes'],
    ['--network one --network one x', 'network "one" is specified multiple times'],
  ])('%s is refused', (words, message) => {
    expect(() => body(words)).toThrow(message);
  });
});

test.each([
  ['--pid foo x', '--pid: invalid PID mode'],
  ['--uts foo x', '--uts: invalid UTS mode'],
  ['--userns foo x', '--userns: invalid USER mode'],
  ['--cgroupns foo x', '--cgroupns: invalid CGROUP mode'],
  ['--mac-address zz x', 'zz is not a valid mac address'],
  ['--health-timeout -1s x', '--health-timeout cannot be negative'],
  ['--dns 1.2.3 x', 'IP address is not correctly formatted: 1.2.3'],
  ['--dns-search a_b x', 'a_b is not a valid domain'],
  ['--sysctl kernel.panic=1 x', "sysctl 'kernel.panic=1' is not allowed"],
  ['--ulimit foo=1 x', 'invalid ulimit type: foo'],
  ['-e =1 x', 'invalid environment variable: =1'],
  ['-l =1 x', "invalid label '=1': empty name"],
])('%s is refused before anything is asked', (words, message) => {
  expect(() => body(words)).toThrow(message);
});

test('a bind that is given twice is one', () => {
  expect(body('-v /a:/b -v /a:/b x').HostConfig.Binds).toEqual(['/a:/b']);
});
