/** What two engines are asked about networks of the user's own: what they show, and what a container on them sees. */
import type { Asked } from './compare.ts';

type Question = (engine: Asked) => Promise<unknown>;

const network = {
  Name: 'askednet',
  CheckDuplicate: true,
  Driver: 'bridge',
  IPAM: {
    Driver: 'default',
    Config: [{ Subnet: '10.211.0.0/24', IPRange: '10.211.0.128/25', Gateway: '10.211.0.9' }],
  },
  Options: { 'com.docker.network.driver.mtu': '1400' },
  Labels: { a: 'b' },
};
const ipv6 = {
  ...network,
  EnableIPv6: true,
  IPAM: { Config: [{ Subnet: '10.211.0.0/24' }, { Subnet: 'fd00:211::/64', Gateway: 'fd00:211::9' }] },
};

function sleeper(HostConfig: object, EndpointsConfig?: object): object {
  return {
    Image: 'busybox',
    Cmd: ['sleep', '60'],
    Env: ['COLOUR=red'],
    ExposedPorts: { '80/tcp': {} },
    HostConfig,
    ...(EndpointsConfig && { NetworkingConfig: { EndpointsConfig } }),
  };
}

/** Runs while the network is there; nothing is left. */
async function withNetwork(engine: Asked, body: object, ask: Question): Promise<unknown> {
  const created = await engine.call('POST', '/networks/create', body);
  try {
    return { created, asked: await ask(engine) };
  } finally {
    for (const name of ['asked', 'other']) await engine.call('DELETE', `/containers/${name}?force=1`);
    await engine.call('DELETE', '/networks/askednet');
  }
}

async function started(engine: Asked, name: string, body: object): Promise<unknown> {
  const created = await engine.call('POST', `/containers/create?name=${name}`, body);
  const start = await engine.call('POST', `/containers/${name}/start`);
  return { created, start };
}

/** Settings of one container, without the fields that name a place of the engine's own. */
async function settings(engine: Asked, name: string): Promise<unknown> {
  const { body } = await engine.call('GET', `/containers/${name}/json`);
  const { NetworkSettings, HostConfig } = body as {
    NetworkSettings: Record<string, unknown>;
    HostConfig: { Links: unknown };
  };
  const { SandboxKey: _key, SandboxID: _sandbox, ...shown } = NetworkSettings;
  return { shown, Links: HostConfig.Links };
}

/** The network, its containers by name: ids are another's each time. */
async function shownNetwork(engine: Asked): Promise<unknown> {
  const { status, body } = await engine.call('GET', '/networks/askednet');
  const { Containers, ...shown } = body as { Containers: Record<string, { readonly Name: string }> };
  const byName = Object.fromEntries(Object.values(Containers).map((one) => [one.Name, one]));
  return { status, body: { ...shown, Containers: byName } };
}

/** What a command in the container writes. */
async function output(engine: Asked, name: string, ...Cmd: string[]): Promise<string> {
  const { body } = await engine.call('POST', `/containers/${name}/exec`, {
    AttachStdout: true,
    Tty: true,
    Cmd,
  });
  const answer = await engine.call('POST', `/exec/${(body as { Id: string }).Id}/start`, { Tty: true });
  return [answer.body].flat().join('\n').replaceAll('\r', '');
}

export const networkQuestions: Readonly<Record<string, Question>> = {
  'network of one’s own': (engine) =>
    withNetwork(engine, network, async () => {
      const endpoint = {
        Aliases: ['www'],
        IPAMConfig: { IPv4Address: '10.211.0.77' },
        Links: ['other:friend'],
      };
      const other = await started(engine, 'other', sleeper({ NetworkMode: 'askednet' }));
      const own = await started(
        engine,
        'asked',
        sleeper({ NetworkMode: 'askednet' }, { askednet: endpoint }),
      );
      const inspect = await shownNetwork(engine);
      const refused = await engine.call('DELETE', '/networks/askednet');
      return { other, own, inspect, refused, settings: await settings(engine, 'asked') };
    }),
  'names on a network': (engine) =>
    withNetwork(engine, network, async () => {
      const endpoint = { Aliases: ['www'], Links: ['other:friend'] };
      await started(engine, 'other', sleeper({ NetworkMode: 'askednet' }));
      await started(engine, 'asked', sleeper({ NetworkMode: 'askednet' }, { askednet: endpoint }));
      const answers: Record<string, string> = {};
      for (const name of [
        'other',
        'OTHER',
        'friend',
        'www',
        'other.askednet',
        '10.211.0.128',
        'nobody.askednet',
      ]) {
        const said = await output(engine, 'asked', 'nslookup', name);
        answers[name] = /^(?:Address: +10\.211.*|.*name = .*)$/m.exec(said)?.[0] ?? 'nothing';
      }
      const hosts = await output(engine, 'asked', 'sh', '-c', 'grep -v "$(hostname)" /etc/hosts');
      const server = await output(engine, 'asked', 'grep', 'nameserver', '/etc/resolv.conf');
      return { answers, hosts, server };
    }),
  'network with IPv6': (engine) =>
    withNetwork(engine, ipv6, async () => {
      const endpoint = { IPAMConfig: { IPv6Address: 'fd00:211::77' } };
      const own = await started(
        engine,
        'asked',
        sleeper({ NetworkMode: 'askednet' }, { askednet: endpoint }),
      );
      const inspect = await shownNetwork(engine);
      return { own, inspect, settings: await settings(engine, 'asked') };
    }),
  'connected and disconnected': (engine) =>
    withNetwork(engine, network, async () => {
      await started(engine, 'asked', sleeper({}));
      const connect = await engine.call('POST', '/networks/askednet/connect', {
        Container: 'asked',
        EndpointConfig: { Aliases: ['late'] },
      });
      const twice = await engine.call('POST', '/networks/askednet/connect', { Container: 'asked' });
      const both = await settings(engine, 'asked');
      const disconnect = await engine.call('POST', '/networks/bridge/disconnect', { Container: 'asked' });
      const again = await engine.call('POST', '/networks/bridge/disconnect', { Container: 'asked' });
      const one = await settings(engine, 'asked');
      await engine.call('POST', '/networks/askednet/disconnect', { Container: 'asked' });
      return { connect, twice, both, disconnect, again, one, none: await settings(engine, 'asked') };
    }),
  'linked on the bridge': (engine) =>
    withNetwork(engine, network, async () => {
      const other = await started(engine, 'other', sleeper({}));
      const own = await started(engine, 'asked', sleeper({ Links: ['other:my-friend'] }));
      const environment = (await output(engine, 'asked', 'env'))
        .split('\n')
        .filter((line) => line.startsWith('MY_FRIEND'))
        .map((line) => line.replace(/\d+\.\d+\.\d+\.\d+/, 'ADDRESS'))
        .toSorted();
      return { other, own, environment, settings: await settings(engine, 'asked') };
    }),
};
