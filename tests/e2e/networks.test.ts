/** Networks of the user's own, with real containers: who reaches whom, by which name, and what stays after the engine was killed. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { EndpointSettings, Network, PortBinding } from '../../src/engine-api/types.ts';
import { run } from '../../src/lib/subprocess.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
beforeAll(async () => {
  engine = await RunningEngine.start();
});
afterAll(async () => {
  for (const { Name = '' } of await networks()) await engine.call('DELETE', `/networks/${Name}`);
  await engine[Symbol.asyncDispose]();
});

interface Refusal {
  readonly status: number;
  readonly message: string;
}

async function networks(filters = {}): Promise<Network[]> {
  const query = encodeURIComponent(JSON.stringify(filters));
  return (await engine.call('GET', `/networks?filters=${query}`)).body as unknown as Network[];
}

async function createNetwork(Name: string, more: object = {}): Promise<string> {
  const { status, body } = await engine.call('POST', '/networks/create', { Name, ...more });
  expect(status).toBe(201);
  return body.Id;
}

async function refused(method: string, path: string, body?: unknown): Promise<Refusal> {
  const answer = await engine.call(method, path, body);
  return { status: answer.status, message: answer.body.message };
}

/** A sleeping container on these networks, the first being that of its mode. */
function sleeper(name: string, endpoints: Record<string, EndpointSettings>): Promise<string> {
  const [NetworkMode] = Object.keys(endpoints);
  return engine.run(
    ['sleep', '600'],
    { HostConfig: { NetworkMode }, NetworkingConfig: { EndpointsConfig: endpoints } },
    name,
  );
}

async function output(id: string, ...Cmd: string[]): Promise<string> {
  const { body } = await engine.call('POST', `/containers/${id}/exec`, {
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
    Cmd,
  });
  const response = await engine.fetch('POST', `/exec/${body.Id}/start`, { Tty: true });
  return (await response.text()).replaceAll('\r', '');
}

async function reaches(id: string, host: string): Promise<boolean> {
  return (await output(id, 'ping', '-c', '1', '-W', '1', host)).includes(' 0% packet loss');
}

async function reaches6(id: string, host: string): Promise<boolean> {
  return (await output(id, 'ping', '-6', '-c', '1', '-W', '1', host)).includes(' 0% packet loss');
}

async function endpoints(id: string): Promise<Record<string, EndpointSettings>> {
  const { body } = await engine.call('GET', `/containers/${id}/json`);
  return (body as unknown as { NetworkSettings: { Networks: Record<string, EndpointSettings> } })
    .NetworkSettings.Networks;
}

/** What `80/tcp` is published as. */
async function bindings(id: string): Promise<PortBinding[]> {
  const { body } = await engine.call('GET', `/containers/${id}/json`);
  const { NetworkSettings } = body as unknown as {
    NetworkSettings: { Ports: Record<string, PortBinding[] | null> };
  };
  return NetworkSettings.Ports['80/tcp'] ?? [];
}

/** What is read from a port of this host; asked again while nobody listens yet. */
async function word(port = ''): Promise<string> {
  for (let tries = 0; tries < 40; tries++) {
    const { stdout } = await run(['busybox', 'nc', '-w', '2', '127.0.0.1', port]);
    if (stdout !== '') return stdout.trim();
    await Bun.sleep(50);
  }
  return '';
}

/** Where a container is, for who looks while the engine is away. */
async function placeOf(id: string): Promise<{ readonly netnsPath: string; readonly root: string }> {
  const { body } = await engine.call('GET', `/containers/${id}/json`);
  const { NetworkSettings, State } = body as unknown as {
    NetworkSettings: { SandboxKey: string };
    State: { Pid: number };
  };
  return { netnsPath: NetworkSettings.SandboxKey, root: `/proc/${State.Pid}/root` };
}

const remove = (id: string) => engine.call('DELETE', `/containers/${id}?force=1`);

test('a network is made as asked for, listed by what it is, and removed', async () => {
  const id = await createNetwork('shop', {
    IPAM: { Config: [{ Subnet: '10.201.0.0/24', Gateway: '10.201.0.9', IPRange: '10.201.0.128/25' }] },
    Labels: { a: 'b', c: 'd' },
  });
  const { body } = await engine.call('GET', `/networks/${id.slice(0, 12)}`);
  expect(body as unknown as Network).toMatchObject({
    Name: 'shop',
    Id: id,
    Driver: 'bridge',
    Scope: 'local',
    Internal: false,
    IPAM: {
      Driver: 'default',
      Config: [{ Subnet: '10.201.0.0/24', IPRange: '10.201.0.128/25', Gateway: '10.201.0.9' }],
    },
    Containers: {},
    Labels: { a: 'b', c: 'd' },
  });
  const found = async (filters: object) => (await networks(filters)).map(({ Name }) => Name);
  expect(await found({ label: ['a=b', 'c'] })).toEqual(['shop']);
  expect(await found({ label: ['a=b', 'x'] })).toEqual([]);
  expect(await found({ dangling: ['true'] })).toEqual(['shop']);
  expect(await found({ type: ['builtin'] })).toEqual(['bridge', 'host', 'none']);
  expect((await engine.call('DELETE', '/networks/shop')).status).toBe(204);
  expect(await found({})).toEqual(['bridge', 'host', 'none']);
});

test('what cannot be is refused in the words of docker', async () => {
  await createNetwork('taken', { IPAM: { Config: [{ Subnet: '10.202.0.0/24' }] } });
  const create = (body: object) => refused('POST', '/networks/create', body);
  expect(await create({ Name: 'taken' })).toEqual({
    status: 409,
    message: 'network with name taken already exists',
  });
  expect(await create({ Name: 'over', IPAM: { Config: [{ Subnet: '10.202.0.128/25' }] } })).toEqual({
    status: 403,
    message: 'Pool overlaps with other one on this address space',
  });
  expect(await create({ Name: 'host' })).toEqual({
    status: 403,
    message: 'operation is not permitted on predefined host network',
  });
  expect(await create({ Name: 'x', Driver: 'nope' })).toMatchObject({ status: 404 });
  expect(await create({ Name: 'x', Driver: 'macvlan' })).toMatchObject({ status: 501 });
  expect(await create({ Name: 'x', EnableIPv6: true, EnableIPv4: false })).toMatchObject({ status: 501 });
  expect(await create({ Name: '' })).toMatchObject({ status: 400 });
  expect(await create({ Name: 'x', Labels: [] })).toMatchObject({
    status: 400,
    message: expect.stringContaining('Labels'),
  });
  expect(await create({ Name: 'x', IPAM: { Config: [{ Subnet: 'ten' }] } })).toMatchObject({ status: 400 });
  expect(await refused('DELETE', '/networks/bridge')).toEqual({
    status: 403,
    message: 'bridge is a pre-defined network and cannot be removed',
  });
  expect(await refused('DELETE', '/networks/nothing')).toEqual({
    status: 404,
    message: 'network nothing not found',
  });
  expect(await refused('POST', '/networks/taken/connect', {})).toMatchObject({
    status: 400,
    message: expect.stringContaining('Container'),
  });
});

describe('containers on networks', () => {
  let web: string;
  let database: string;
  let client: string;
  beforeAll(async () => {
    await createNetwork('front', { IPAM: { Config: [{ Subnet: '10.203.0.0/24' }] } });
    await createNetwork('back');
    web = await sleeper('web', { front: { Aliases: ['www'], IPAMConfig: { IPv4Address: '10.203.0.77' } } });
    database = await sleeper('database', { back: {} });
    client = await sleeper('client', { front: {}, back: { Links: ['database:db'] } });
  });
  afterAll(async () => {
    for (const id of [web, database, client]) await remove(id);
  });

  test('reach each other by name, alias, link and short id where they share one', async () => {
    expect((await endpoints(web))['front']?.IPAddress).toBe('10.203.0.77');
    for (const name of ['web', 'www', web.slice(0, 12), 'database', 'db', 'client']) {
      expect({ name, reached: await reaches(client, name) }).toEqual({ name, reached: true });
    }
    expect(await output(database, 'ping', '-c', '1', 'web')).toContain('bad address');
    // Links are the asker's alone.
    expect(await output(database, 'ping', '-c', '1', 'db')).toContain('bad address');
  });

  test('ask a resolver, by nslookup too: names on a network, addresses, and what there is none of', async () => {
    expect(await output(client, 'cat', '/etc/resolv.conf')).toMatch(
      /^nameserver 127\.0\.0\.11\n(search .*\n)?options .*ndots:/m,
    );
    // As docker's: nobody else is in there.
    expect(await output(client, 'cat', '/etc/hosts')).not.toContain('web');
    const lookUp = (...words: string[]) => output(client, 'nslookup', ...words);
    for (const name of ['web', 'WWW', 'web.front', `${web.slice(0, 12)}.front`]) {
      expect(await lookUp(name)).toContain('10.203.0.77');
    }
    expect(await lookUp('10.203.0.77')).toContain('web.front');
    expect(await lookUp('web.back')).not.toContain('10.203.0.77');
    expect(await lookUp('-type=aaaa', 'web')).not.toContain('NXDOMAIN');
    expect(await output(database, 'nslookup', 'web')).not.toContain('10.203.0.77');
  });

  test('that share an alias are found in turn', async () => {
    const more = await sleeper('web2', { front: { Aliases: ['www'] } });
    const answers = new Set<string | undefined>();
    for (let tries = 0; tries < 4; tries++) {
      answers.add(/^Address:\s+(10\.203\S+)$/m.exec(await output(client, 'nslookup', 'www'))?.[1]);
    }
    expect(answers.size).toBe(2);
    await remove(more);
    expect(await output(client, 'nslookup', 'web2')).not.toContain('10.203');
  });

  test('do not reach each other where they share none, not by the address either', async () => {
    const address = (await endpoints(database))['back']?.IPAddress ?? '';
    expect(await reaches(client, address)).toBe(true);
    expect(await reaches(web, address)).toBe(false);
  });

  test('are connected and disconnected while they run', async () => {
    await engine.call('POST', '/networks/back/connect', {
      Container: 'web',
      EndpointConfig: { Aliases: ['late'] },
    });
    expect(await reaches(database, 'late')).toBe(true);
    expect(Object.keys(await endpoints(web))).toEqual(['front', 'back']);
    expect(await refused('POST', '/networks/back/connect', { Container: 'web' })).toEqual({
      status: 403,
      message: 'endpoint with name web already exists in network back',
    });
    expect((await refused('DELETE', '/networks/back')).message).toMatch(/has active endpoints$/);
    await engine.call('POST', '/networks/back/disconnect', { Container: 'web' });
    expect(await output(database, 'ping', '-c', '1', 'late')).toContain('bad address');
    expect(await output(web, 'ls', '/sys/class/net')).not.toContain('eth1');
    // The way out is where it was.
    expect(await output(web, 'ip', 'route')).toContain('default via 10.203.0.1 dev eth0');
  });

  test('that are stopped take what was changed at their next start', async () => {
    await engine.call('POST', `/containers/${web}/stop?t=0`);
    await engine.call('POST', '/networks/back/connect', { Container: web });
    await engine.call('POST', '/networks/front/disconnect', { Container: web });
    await engine.call('POST', `/containers/${web}/start`);
    expect(Object.keys(await endpoints(web))).toEqual(['back']);
    expect(await reaches(database, 'web')).toBe(true);
    await engine.call('POST', '/networks/front/connect', { Container: web });
  });

  test('are found again after the engine was away', async () => {
    const [hosts, resolvConf] = [
      await output(client, 'cat', '/etc/hosts'),
      await output(client, 'cat', '/etc/resolv.conf'),
    ];
    const { netnsPath, root } = await placeOf(client);
    await engine.close();
    // Nobody answers: the lines in its hosts file do.
    const away = await run([
      'nsenter',
      `--net=${netnsPath}`,
      'chroot',
      root,
      'ping',
      '-c1',
      '-W1',
      'database',
    ]);
    expect(away.stdout).toContain(' 0% packet loss');
    await engine.open();
    expect(await output(client, 'cat', '/etc/hosts')).toBe(hosts);
    expect(await output(client, 'cat', '/etc/resolv.conf')).toBe(resolvConf);
    expect(await reaches(client, 'database')).toBe(true);
    expect(await output(client, 'nslookup', 'database.back')).toMatch(/^Address:.*\d$/m);
    expect(Object.keys(await endpoints(client))).toEqual(['front', 'back']);
    await engine.call('POST', '/networks/front/disconnect', { Container: client });
    expect(await reaches(client, 'database')).toBe(true);
    await engine.call('POST', '/networks/front/connect', { Container: client });
  });

  test('of other kinds of network are left as they are', async () => {
    const none = await engine.run(['sleep', '600'], {}, 'lonely');
    expect(await refused('POST', '/networks/front/connect', { Container: none })).toEqual({
      status: 403,
      message:
        'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    });
    expect(await refused('POST', '/networks/host/connect', { Container: web })).toMatchObject({
      status: 403,
    });
    expect(await refused('POST', '/networks/front/disconnect', { Container: none })).toMatchObject({
      status: 400,
    });
    await remove(none);
  });
});

test('a container of the default bridge has the resolver from when it is connected to another network', async () => {
  await createNetwork('later');
  const other = await sleeper('other', { later: {} });
  const id = await sleeper('latecomer', { bridge: {} });
  expect(await output(id, 'cat', '/etc/resolv.conf')).not.toContain('127.0.0.11');
  await engine.call('POST', '/networks/later/connect', { Container: id });
  expect(await output(id, 'cat', '/etc/resolv.conf')).toContain('nameserver 127.0.0.11');
  expect(await reaches(id, 'other')).toBe(true);
  await remove(id);
  await remove(other);
  await engine.call('DELETE', '/networks/later');
});

test('a link on the default bridge is a line of the hosts file and variables about the other container', async () => {
  const other = await engine.run(
    ['sleep', '600'],
    {
      HostConfig: { NetworkMode: 'bridge' },
      ExposedPorts: { '80/tcp': {}, '9/udp': {} },
      Env: ['COLOUR=red'],
    },
    'pier',
  );
  const HostConfig = { NetworkMode: 'bridge', Links: ['pier:my-pier'] };
  const id = await engine.run(['sleep', '600'], { HostConfig }, 'boat');
  const address = (await endpoints(other))['bridge']?.IPAddress ?? '';
  expect(await output(id, 'cat', '/etc/hosts')).toContain(
    `\n${address}\tmy-pier ${other.slice(0, 12)} pier\n`,
  );
  expect(await reaches(id, 'my-pier')).toBe(true);
  const environment = (await output(id, 'env')).split('\n').filter((line) => line.startsWith('MY_PIER'));
  expect(environment).toEqual([
    `MY_PIER_PORT=udp://${address}:9`,
    `MY_PIER_PORT_9_UDP=udp://${address}:9`,
    `MY_PIER_PORT_9_UDP_ADDR=${address}`,
    'MY_PIER_PORT_9_UDP_PORT=9',
    'MY_PIER_PORT_9_UDP_PROTO=udp',
    `MY_PIER_PORT_80_TCP=tcp://${address}:80`,
    `MY_PIER_PORT_80_TCP_ADDR=${address}`,
    'MY_PIER_PORT_80_TCP_PORT=80',
    'MY_PIER_PORT_80_TCP_PROTO=tcp',
    'MY_PIER_NAME=/boat/my-pier',
    'MY_PIER_ENV_COLOUR=red',
  ]);
  const { body } = await engine.call('GET', `/containers/${id}/json`);
  expect(body).toMatchObject({ HostConfig: { Links: ['/pier:/boat/my-pier'] } });
  await remove(other);
  await engine.call('POST', `/containers/${id}/stop?t=0`);
  expect(await refused('POST', `/containers/${id}/start`)).toMatchObject({
    message: 'Cannot link to a non running container: /pier AS /boat/my-pier',
  });
  expect(
    await refused('POST', '/containers/create', { Image: 'busybox', HostConfig: { Links: ['nobody'] } }),
  ).toEqual({ status: 400, message: 'could not get container for nobody: No such container: nobody' });
  // Once the link is removed there is nothing to wait for.
  const unlink = '/containers/boat/my-pier?link=1';
  expect((await engine.call('DELETE', unlink)).status).toBe(204);
  expect(await refused('DELETE', unlink)).toEqual({ status: 404, message: 'No such link: boat/my-pier' });
  expect((await refused('DELETE', '/containers/boat?link=1')).status).toBe(409);
  expect((await engine.call('POST', `/containers/${id}/start`)).status).toBe(204);
  await remove(id);
});

test('published ports pass to the next network, end with the last one, and come back with another', async () => {
  await createNetwork('first-net');
  await createNetwork('second-net', {
    Options: { 'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1' },
  });
  const id = await engine.run(
    ['sh', '-c', 'while true; do echo hello | nc -l -p 80; done'],
    {
      HostConfig: { NetworkMode: 'first-net', PortBindings: { '80/tcp': [{ HostPort: '' }] } },
      NetworkingConfig: { EndpointsConfig: { 'first-net': {}, 'second-net': {} } },
    },
    'mover',
  );
  const port = (await bindings(id))[0];
  expect(port?.HostIp).toBe('0.0.0.0');
  expect(await word(port?.HostPort)).toBe('hello');
  await engine.call('POST', '/networks/first-net/disconnect', { Container: id });
  expect((await bindings(id))[0]).toEqual(port as PortBinding);
  expect(await word(port?.HostPort)).toBe('hello');
  await engine.call('POST', '/networks/second-net/disconnect', { Container: id });
  expect(await endpoints(id)).toEqual({});
  expect(await bindings(id)).toEqual([]);
  await engine.call('POST', '/networks/second-net/connect', { Container: id });
  const [again, ...others] = await bindings(id);
  expect([again?.HostIp, others]).toEqual(['127.0.0.1', []]);
  expect(await word(again?.HostPort)).toBe('hello');
  await remove(id);
  for (const name of ['first-net', 'second-net']) await engine.call('DELETE', `/networks/${name}`);
});

test('rules of others stay as they are, whatever is made and removed', async () => {
  const foreign = `ip other${process.pid}`;
  const list = async (): Promise<string> =>
    (await run(['nft', 'list', 'table', ...foreign.split(' ')])).stdout;
  await run([
    'nft',
    `add table ${foreign}; add chain ${foreign} one; add rule ${foreign} one ip daddr 10.9.9.9 drop`,
  ]);
  const before = await list();
  expect(before).toContain('10.9.9.9');
  await createNetwork('ruled', { EnableIPv6: true });
  const id = await engine.run(['sleep', '600'], {
    HostConfig: { NetworkMode: 'ruled', PortBindings: { '80/tcp': [{}] } },
  });
  expect(await list()).toBe(before);
  await remove(id);
  await engine.call('DELETE', '/networks/ruled');
  expect(await list()).toBe(before);
  await run(['nft', 'delete', 'table', ...foreign.split(' ')]);
});

describe('a network with IPv6', () => {
  beforeAll(async () => {
    await createNetwork('six', {
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: '10.206.0.0/24' }, { Subnet: 'fd00:206::/64', Gateway: 'fd00:206::9' }] },
    });
  });
  afterAll(() => engine.call('DELETE', '/networks/six'));

  test('gives its containers addresses of both kinds, fixed ones too, and a way out', async () => {
    const one = await sleeper('one6', { six: {} });
    const two = await sleeper('two6', { six: { IPAMConfig: { IPv6Address: 'fd00:206::77' } } });
    expect((await endpoints(one))['six']).toMatchObject({
      GlobalIPv6Address: 'fd00:206::1',
      GlobalIPv6PrefixLen: 64,
      IPv6Gateway: 'fd00:206::9',
    });
    const { body } = await engine.call('GET', '/networks/six');
    expect(body as unknown as Network).toMatchObject({
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: '10.206.0.0/24' }, { Subnet: 'fd00:206::/64', Gateway: 'fd00:206::9' }] },
      Containers: { [two]: { IPv6Address: 'fd00:206::77/64' } },
    });
    for (const target of ['fd00:206::77', 'fd00:206::9']) {
      expect({ target, reached: await reaches6(one, target) }).toEqual({ target, reached: true });
    }
    expect(await reaches6(one, 'two6')).toBe(true);
    expect(await output(one, 'ip', '-6', 'route')).toContain('default via fd00:206::9 dev eth0');
    expect(await output(one, 'cat', '/etc/hosts')).toContain('\nfd00:206::1\t');
    expect(await output(one, 'nslookup', '-type=aaaa', 'two6')).toContain('fd00:206::77');
    expect(await output(one, 'nslookup', 'fd00:206::77')).toContain('two6.six');
    for (const id of [one, two]) await remove(id);
  });

  test('is apart from other networks, and survives the engine', async () => {
    await createNetwork('seven', { EnableIPv6: true });
    const { body } = await engine.call('GET', '/networks/seven');
    const [, pool] = (body as unknown as Network).IPAM?.Config ?? [];
    expect(pool?.Subnet).toMatch(/^fd[0-9a-f:]+::\/64$/);
    const one = await sleeper('one6', { six: {} });
    const other = await sleeper('other7', { seven: {} });
    const address = (await endpoints(other))['seven']?.GlobalIPv6Address ?? '';
    expect(await reaches6(one, address)).toBe(false);
    await engine.close();
    await engine.open();
    expect(await reaches6(one, address)).toBe(false);
    await engine.call('POST', '/networks/six/connect', { Container: 'other7' });
    expect(await reaches6(one, 'other7')).toBe(true);
    for (const id of [one, other]) await remove(id);
    await engine.call('DELETE', '/networks/seven');
  });

  test('refuses what cannot be', async () => {
    const create = (Config: object[]) =>
      refused('POST', '/networks/create', { Name: 'x', EnableIPv6: true, IPAM: { Config } });
    expect(await create([{ Subnet: 'fd00:206::/48' }])).toMatchObject({ status: 403 });
    expect(await create([{ Subnet: 'fd00:209::/64', Gateway: 'fd00:208::1' }])).toMatchObject({
      status: 400,
    });
    expect(await create([{ Subnet: 'fd00:209::/129' }])).toMatchObject({ status: 400 });
  });
});

test('an internal network leads nowhere', async () => {
  await createNetwork('inner', { Internal: true });
  const id = await sleeper('hermit', { inner: {} });
  expect(await output(id, 'ip', 'route')).not.toContain('default');
  await remove(id);
});

test('containers of a network without enable_icc do not reach each other', async () => {
  await createNetwork('apart', { Options: { 'com.docker.network.bridge.enable_icc': 'false' } });
  const one = await sleeper('one', { apart: {} });
  const two = await sleeper('two', { apart: {} });
  expect(await reaches(one, 'two')).toBe(false);
  await remove(one);
  await remove(two);
});

test('an address that is taken, or not of the network, is refused at start, and nothing is left of the start', async () => {
  await createNetwork('fixed', { IPAM: { Config: [{ Subnet: '10.204.0.0/24' }] } });
  const first = await sleeper('first', { fixed: { IPAMConfig: { IPv4Address: '10.204.0.5' } } });
  for (const address of ['10.204.0.5', '10.205.0.5']) {
    const id = await engine.create(['sleep', '600'], {
      HostConfig: { NetworkMode: 'fixed' },
      NetworkingConfig: { EndpointsConfig: { fixed: { IPAMConfig: { IPv4Address: address } } } },
    });
    const { status, message } = await refused('POST', `/containers/${id}/start`);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(message).toMatch(/Address already in use|no configured subnet contains/);
    expect(await engine.state(id)).toMatchObject({ Status: 'created' });
    await remove(id);
  }
  await remove(first);
});

test('prune removes those that nobody is connected to', async () => {
  const used = await sleeper('user', { fixed: {} });
  const { body } = await engine.call('POST', '/networks/prune');
  const { NetworksDeleted } = body as unknown as { NetworksDeleted: string[] };
  expect(NetworksDeleted.toSorted()).toEqual(['apart', 'back', 'front', 'inner', 'taken']);
  expect((await networks({ type: ['custom'] })).map(({ Name }) => Name)).toEqual(['fixed']);
  await remove(used);
});

test('what was asked of the default bridge is shown, and an address of its own kept', async () => {
  const endpoint = { DriverOpts: { 'an.option': 'on' }, IPAMConfig: { LinkLocalIPs: ['169.254.8.8'] } };
  const id = await engine.run(['sleep', '60'], {
    MacAddress: '02:42:ac:11:00:0a',
    HostConfig: { NetworkMode: 'bridge' },
    NetworkingConfig: { EndpointsConfig: { bridge: endpoint } },
  });
  const { body } = await engine.call('GET', `/containers/${id}/json`);
  const { Networks } = (body as unknown as { NetworkSettings: { Networks: Record<string, unknown> } })
    .NetworkSettings;
  expect(Networks['bridge']).toMatchObject({ ...endpoint, MacAddress: '02:42:ac:11:00:0a' });
  expect(await output(id, 'cat', '/sys/class/net/eth0/address')).toBe('02:42:ac:11:00:0a\n');
  const bad = { Image: 'busybox', Cmd: ['true'], MacAddress: '02:42' };
  expect(await refused('POST', '/containers/create', bad)).toEqual({
    status: 400,
    message: 'invalid MAC address: 02:42',
  });
});

test('the name of a network may have spaces', async () => {
  await createNetwork('a net');
  expect((await networks({ name: ['a net'] })).map(({ Name }) => Name)).toEqual(['a net']);
  expect((await engine.call('DELETE', '/networks/a%20net')).status).toBe(204);
  expect(await refused('POST', '/networks/create', { Name: ' ' })).toEqual({
    status: 400,
    message: 'invalid network name: name is empty',
  });
});
