/** What two engines are asked alike. Each leaves the engine as it found it. */
import { networkQuestions } from './network-questions.ts';
import type { Asked } from './compare.ts';

export type Question = (engine: Asked) => Promise<unknown>;

async function inspected(engine: Asked, body: object, starts = false): Promise<unknown> {
  const created = await engine.call('POST', '/containers/create?name=asked', body);
  const { Id } = created.body as { Id: string };
  if (starts) await engine.call('POST', `/containers/${Id}/start`);
  const inspect = await engine.call('GET', `/containers/${Id}/json`);
  const list = await engine.call('GET', '/containers/json?all=1&size=1');
  await engine.call('DELETE', `/containers/${Id}?force=1&v=1`);
  return { created, inspect, list };
}

const busybox = { Image: 'busybox' };
const full = {
  Image: 'busybox:latest',
  Hostname: 'host',
  Domainname: 'example',
  User: '1:1',
  Tty: true,
  OpenStdin: true,
  StdinOnce: true,
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Env: ['A=1', 'PATH=/bin'],
  Cmd: ['sleep', '60'],
  Entrypoint: ['/bin/busybox'],
  WorkingDir: '/tmp',
  Labels: { a: 'b' },
  ExposedPorts: { '80/tcp': {}, '53/udp': {} },
  Volumes: { '/anonymous': {} },
  StopSignal: 'SIGUSR1',
  StopTimeout: 3,
  Healthcheck: { Test: ['CMD', 'true'], Interval: 1e9, Timeout: 1e9, Retries: 2, StartPeriod: 1e9 },
  HostConfig: {
    Binds: ['/etc:/host:ro'],
    PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '18081' }] },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 },
    CapAdd: ['NET_ADMIN'],
    CapDrop: ['CHOWN'],
    Dns: ['10.0.0.1'],
    DnsSearch: ['example'],
    ExtraHosts: ['a:1.2.3.4'],
    Memory: 64 << 20,
    NanoCpus: 5e8,
    PidsLimit: 20,
    ReadonlyRootfs: true,
    ShmSize: 1 << 20,
    Tmpfs: { '/t': 'size=1m' },
    Ulimits: [{ Name: 'nofile', Soft: 64, Hard: 64 }],
    Sysctls: { 'net.ipv4.ip_forward': '1' },
    Init: true,
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    Mounts: [{ Type: 'volume', Source: 'named', Target: '/named' }],
    SecurityOpt: ['no-new-privileges'],
  },
};

const die = async (engine: Asked): Promise<unknown> => {
  const since = Date.now() / 1000;
  const created = await engine.call('POST', '/containers/create?name=gone', {
    Image: 'busybox',
    Cmd: ['sh', '-c', 'exit 3'],
    Labels: { k: 'v' },
    HostConfig: { AutoRemove: true },
  });
  const { Id } = created.body as { Id: string };
  const waiting = engine.call('POST', `/containers/${Id}/wait?condition=removed`);
  await Bun.sleep(50);
  await engine.call('POST', `/containers/${Id}/start`);
  const waited = await waiting;
  // dockerd tells of the end a moment after it answers.
  await Bun.sleep(300);
  const { body } = await engine.call('GET', `/events?since=${since}&until=${Date.now() / 1000}`);
  const events = (body as Record<string, unknown>[]).map(
    ({ time: _time, timeNano: _nano, ...event }) => event,
  );
  return { waited, events };
};

/** What a running container shows of its mounts, and what it sees of them itself. */
async function mounted(engine: Asked, HostConfig: object): Promise<unknown> {
  const created = await engine.call('POST', '/containers/create?name=asked', {
    ...busybox,
    Cmd: ['sleep', '60'],
    HostConfig: { NetworkMode: 'none', ...HostConfig },
  });
  const started = await engine.call('POST', '/containers/asked/start');
  const inspect = await engine.call('GET', '/containers/asked/json');
  const { HostConfig: kept, Mounts } = inspect.body as {
    HostConfig?: { Binds: unknown; Mounts: unknown; Tmpfs: unknown; VolumesFrom: unknown };
    Mounts?: unknown;
  };
  await engine.call('DELETE', '/containers/asked?force=1&v=1');
  await engine.call('DELETE', '/volumes/asked?force=1');
  const { Binds, Mounts: asked, Tmpfs, VolumesFrom } = kept ?? {};
  return { created, started, Mounts, HostConfig: { Binds, Mounts: asked, Tmpfs, VolumesFrom } };
}

const bind = (BindOptions?: object, more?: object) => ({
  Mounts: [{ Type: 'bind', Source: '/etc', Target: '/x', ...(BindOptions && { BindOptions }), ...more }],
});
const mounts: Readonly<Record<string, object>> = {
  'a bind': { Binds: ['/etc:/x'] },
  'a bind with options': { Binds: ['/etc/:/x/:ro,z,rprivate'] },
  'of the root': { Binds: ['/:/x:ro'] },
  'a volume': { Binds: ['asked:/x'] },
  'a volume with options': { Binds: ['asked:/x:ro,nocopy'] },
  'a volume without a name': { Binds: ['/x'] },
  'a bind by --mount': bind(),
  'a read-only bind by --mount': bind({ Propagation: 'private', NonRecursive: true }, { ReadOnly: true }),
  'a volume by --mount': {
    Mounts: [
      {
        Type: 'volume',
        Source: 'asked',
        Target: '/x',
        VolumeOptions: { Labels: { a: 'b' }, DriverConfig: { Name: 'local', Options: {} } },
      },
    ],
  },
  'a volume without a name by --mount': { Mounts: [{ Type: 'volume', Target: '/x' }] },
  'a tmpfs by --mount': {
    Mounts: [{ Type: 'tmpfs', Target: '/x', TmpfsOptions: { SizeBytes: 1 << 20, Mode: 0o700 } }],
  },
  'a tmpfs': { Tmpfs: { '/x': 'size=1m,uid=1' } },
  'a missing source': bind(undefined, { Source: '/nowhere' }),
  'a private source that is to be shared': { Binds: ['/proc:/x:shared'] },
  'an unknown volume driver': { Binds: ['other:/x'], VolumeDriver: 'nothing' },
};

/** From the first container to the removal. */
async function eventsOfVolumes(engine: Asked): Promise<unknown> {
  const since = Date.now() / 1000;
  await engine.call('POST', '/containers/create?name=asked', {
    ...busybox,
    Cmd: ['true'],
    HostConfig: { NetworkMode: 'none', Binds: ['told:/x:ro', '/y'] },
  });
  await engine.call('POST', '/containers/asked/start');
  await engine.call('POST', '/containers/asked/wait');
  await engine.call('DELETE', '/containers/asked?v=1&force=1');
  await engine.call('DELETE', '/volumes/told');
  await engine.call('POST', '/volumes/prune');
  await Bun.sleep(300);
  const filters = encodeURIComponent(JSON.stringify({ type: ['volume'] }));
  const { body } = await engine.call(
    'GET',
    `/events?since=${since}&until=${Date.now() / 1000}&filters=${filters}`,
  );
  const events = (body as { Action: string; Actor: { ID: string; Attributes: object } }[]).map(
    ({ time: _time, timeNano: _nano, ...event }: Record<string, unknown>) => event,
  );
  // Two volumes of one container come in no order.
  return events.map((event) => JSON.stringify(event)).toSorted();
}

const badMounts: readonly object[] = [
  { Binds: ['/a:/b:rx'] },
  { Binds: ['/a:ro'] },
  { Binds: ['/a:/b:c:d'] },
  { Binds: ['/a:/'] },
  { Binds: ['/a:/b', '/c:/b'] },
  { Binds: ['x:/b:rslave'] },
  { Binds: ['x:b/c'] },
  { Binds: ['x y:/b'] },
  { Mounts: [{ Type: 'volume' }] },
  { Mounts: [{ Type: 'x', Target: '/x' }] },
  { Mounts: [{ Type: 'npipe', Source: '/a', Target: '/x' }] },
  { Mounts: [{ Type: 'bind', Target: '/x' }] },
  { Mounts: [{ Type: 'bind', Source: 'a', Target: '/x' }] },
  { Mounts: [{ Type: 'bind', Source: '/etc', Target: 'x' }] },
  { Mounts: [{ Type: 'bind', Source: '/etc', Target: '/x', BindOptions: { Propagation: 'x' } }] },
  { Mounts: [{ Type: 'tmpfs', Source: '/etc', Target: '/x' }] },
  { VolumesFrom: ['nobody'] },
  { VolumesFrom: ['nobody:x'] },
  { Tmpfs: { '/': '' } },
];

const badRequests: readonly (readonly [string, string, unknown?])[] = [
  ['GET', '/containers/nothing/json'],
  ['POST', '/containers/nothing/start'],
  ['DELETE', '/containers/nothing'],
  ['GET', '/containers/json?filters={"status":["x"]}'],
  ['GET', '/containers/json?limit=x'],
  ['POST', '/containers/create', {}],
  ['POST', '/containers/create', { Image: 'nothing' }],
  ['POST', '/containers/create?name=!', busybox],
  ['POST', '/containers/create', { Image: 'busybox', HostConfig: { Memory: 1 } }],
  ['POST', '/containers/create', { Image: 'busybox', HostConfig: { RestartPolicy: { Name: 'x' } } }],
  ['POST', '/containers/create', { Image: 'busybox', HostConfig: { Binds: ['x'] } }],
  ['POST', '/containers/create', { Image: 'busybox', HostConfig: { Binds: ['a:b'] } }],
  [
    'POST',
    '/containers/create',
    { Image: 'busybox', HostConfig: { AutoRemove: true, RestartPolicy: { Name: 'always' } } },
  ],
  ['GET', '/containers/nothing/logs?stdout=1'],
  ['POST', '/containers/nothing/exec', { Cmd: ['x'] }],
  ['POST', '/exec/nothing/start', {}],
  ['GET', '/exec/nothing/json'],
  ['GET', '/images/nothing/json'],
  ['GET', '/images/nothing/history'],
  ['DELETE', '/images/nothing'],
  ['POST', '/images/nothing/tag?repo=x'],
  ['POST', '/images/busybox/tag?repo=UPPER'],
  ['GET', '/images/json?filters={"dangling":["x"]}'],
  ['GET', '/images/search?term=x&limit=200'],
  ['GET', '/networks/nothing'],
  ['DELETE', '/networks/bridge'],
  ['GET', '/volumes/nothing'],
  ['DELETE', '/volumes/nothing'],
  ['POST', '/volumes/create', { Name: '!' }],
  ['POST', '/volumes/create', { Name: 'x', Driver: 'nothing' }],
  ['GET', '/volumes?filters={"nope":["x"]}'],
  ['GET', '/volumes?filters={"dangling":["x"]}'],
  ['POST', '/volumes/create', { Name: 'x', DriverOpts: { foo: 'bar' } }],
  ['POST', '/volumes/create', { Name: 'x', DriverOpts: { type: 'nfs' } }],
  ['POST', '/volumes/create', { Name: 'x', DriverOpts: { device: ':/x' } }],
  ['POST', '/volumes/create', { Name: 'x', DriverOpts: { size: '10m' } }],
  ['POST', '/volumes/prune?filters={"nope":["x"]}'],
  ...badMounts.map((HostConfig): [string, string, unknown] => [
    'POST',
    '/containers/create',
    { Image: 'busybox', HostConfig },
  ]),
  ['GET', '/nope'],
  ['POST', '/swarm/leave'],
  ['GET', '/services'],
  ['GET', '/plugins/x/json'],
  ['POST', '/build/prune?filters={"x":["a"]}'],
];

export const questions: Readonly<Record<string, Question>> = {
  version: (engine) => engine.call('GET', '/version'),
  info: (engine) => engine.call('GET', '/info'),
  df: (engine) => engine.call('GET', '/system/df'),
  ping: (engine) => engine.call('GET', '/_ping'),
  images: (engine) => engine.call('GET', '/images/json'),
  image: (engine) => engine.call('GET', '/images/busybox/json'),
  history: (engine) => engine.call('GET', '/images/busybox/history'),
  networks: async (engine) => {
    const { body } = await engine.call('GET', '/networks');
    return Object.fromEntries((body as { Name: string }[]).map((network) => [network.Name, network]));
  },
  bridge: (engine) => engine.call('GET', '/networks/bridge'),
  plain: (engine) => inspected(engine, busybox),
  running: (engine) => inspected(engine, { ...busybox, Cmd: ['sleep', '60'] }, true),
  full: (engine) => inspected(engine, full, true),
  'no network': (engine) => inspected(engine, { ...busybox, HostConfig: { NetworkMode: 'none' } }),
  'host network': (engine) => inspected(engine, { ...busybox, HostConfig: { NetworkMode: 'host' } }),
  privileged: (engine) => inspected(engine, { ...busybox, HostConfig: { Privileged: true } }),
  volume: async (engine) => {
    const created = await engine.call('POST', '/volumes/create', { Name: 'asked', Labels: { a: 'b' } });
    const inspect = await engine.call('GET', '/volumes/asked');
    const list = await engine.call('GET', '/volumes');
    const removed = await engine.call('DELETE', '/volumes/asked');
    return { created, inspect, list, removed };
  },
  'volume with options': async (engine) => {
    const DriverOpts = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' };
    const created = await engine.call('POST', '/volumes/create', { Name: 'asked', DriverOpts, Labels: {} });
    const list = await engine.call('GET', '/volumes?filters={"name":["^ask"],"dangling":["true"]}');
    const removed = await engine.call('DELETE', '/volumes/asked?force=1');
    const again = await engine.call('DELETE', '/volumes/asked?force=1');
    return { created, list, removed, again };
  },
  'anonymous volume': async (engine) => {
    const created = await engine.call('POST', '/volumes/create', {});
    const { status, body } = await engine.call('POST', '/volumes/prune');
    const { VolumesDeleted: deleted, SpaceReclaimed: space } = body as {
      VolumesDeleted: string[];
      SpaceReclaimed: number;
    };
    return { created, status, deleted: deleted.toSorted(), space };
  },
  ...Object.fromEntries(
    Object.entries(mounts).map(([name, HostConfig]): [string, Question] => [
      `mounts: ${name}`,
      (engine) => mounted(engine, HostConfig),
    ]),
  ),
  'volume in use': async (engine) => {
    await engine.call('POST', '/containers/create?name=asked', {
      ...busybox,
      HostConfig: { Binds: ['used:/x'] },
    });
    const refused = await engine.call('DELETE', '/volumes/used');
    await engine.call('DELETE', '/containers/asked');
    const removed = await engine.call('DELETE', '/volumes/used');
    return { refused, removed };
  },
  ...networkQuestions,
  'events of run --rm': die,
  'events of volumes': eventsOfVolumes,
  ...Object.fromEntries(
    badRequests.map(([method, path, body]): [string, Question] => [
      `${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`,
      (engine) => engine.call(method, path, body),
    ]),
  ),
};
