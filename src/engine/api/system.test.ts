import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import type { EventMessage, SystemInfo, SystemVersion } from '../../engine-api/types.ts';
import { RawStream, RunningEngine } from '../../../tests/support/running-engine.ts';
import type { DiskUse } from '../system/disk-use.ts';
import { eventually } from '../../../tests/support/eventually.ts';

let engine: RunningEngine;
beforeAll(async () => void (engine = await RunningEngine.start()));
afterAll(() => engine[Symbol.asyncDispose]());

async function get<T>(path: string): Promise<T> {
  const response = await engine.fetch('GET', path);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

async function messageOf(method: string, path: string, body?: unknown): Promise<string> {
  const answer = await engine.call(method, path, body);
  return `${answer.status} ${answer.body.message}`;
}

describe('ping', () => {
  test('says what clients negotiate by; of a swarm only to those who know the header', async () => {
    const head = await engine.fetch('HEAD', '/_ping');
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'api-version': '1.50',
      'docker-experimental': 'false',
      ostype: 'linux',
      'builder-version': '1',
      swarm: 'inactive',
      'cache-control': 'no-cache, no-store, must-revalidate',
      pragma: 'no-cache',
      'content-length': '0',
    });
    expect(await (await engine.fetch('GET', '/_ping')).text()).toBe('OK');
    expect((await engine.fetch('GET', '/v1.41/_ping')).headers.get('swarm')).toBeNull();
  });
});

describe('version', () => {
  test('names the parts with the fields that SDKs read', async () => {
    const version = await get<SystemVersion>('/version');
    expect(version).toMatchObject({
      ApiVersion: '1.50',
      MinAPIVersion: '1.24',
      Os: 'linux',
      Version: 'test',
    });
    expect(version.Components?.map(({ Name }) => Name)).toEqual([
      'Engine',
      'bun',
      'conmon',
      'runc',
      'docker-init',
    ]);
    expect(version.Components?.every(({ Version }) => Version !== '')).toBe(true);
  });
});

describe('info', () => {
  test('counts what there is', async () => {
    await engine.create(['true']);
    const running = await engine.run(['sleep', '60']);
    const info = await get<SystemInfo>('/info');
    expect(info).toMatchObject({ Containers: 2, ContainersRunning: 1, ContainersStopped: 1, Images: 1 });
    await engine.call('DELETE', `/containers/${running}?force=1`);
  });

  test('has the fields of the version that is asked for', async () => {
    const [newest, older] = await Promise.all([
      get<Record<string, unknown>>('/info'),
      get<Record<string, unknown>>('/v1.41/info'),
    ]);
    expect(newest).not.toHaveProperty('KernelMemory');
    expect(newest).not.toHaveProperty('BridgeNfIptables');
    expect(newest['RuncCommit']).not.toHaveProperty('Expected');
    expect(newest['FirewallBackend']).toEqual({ Driver: 'nftables' });
    expect(older).toHaveProperty('KernelMemory');
    expect(older).toHaveProperty('BridgeNfIptables');
    expect(older['RuncCommit']).toHaveProperty('Expected');
    expect(older).not.toHaveProperty('FirewallBackend');
  });
});

describe('df', () => {
  test('counts a volume’s files and who uses it', async () => {
    await engine.call('POST', '/volumes/create', { Name: 'filled' });
    const id = await engine.run(['sh', '-c', 'mkdir /v/d; printf 12345 > /v/d/f; ln /v/d/f /v/g'], {
      HostConfig: { Binds: ['filled:/v'] },
    });
    await engine.wait(id);
    const { Volumes, Images, LayersSize, BuildCache } = await get<DiskUse>('/system/df');
    expect(Volumes?.find(({ Name }) => Name === 'filled')?.UsageData).toEqual({ Size: 5, RefCount: 1 });
    expect(Images).toMatchObject([{ RepoTags: ['busybox:latest'], Containers: 2, SharedSize: 0 }]);
    expect(LayersSize).toBe(Images?.[0]?.Size ?? 0);
    expect(BuildCache).toEqual([]);
    await engine.call('DELETE', `/containers/${id}`);
    await engine.call('DELETE', '/volumes/filled');
  });

  test('looks only at the types that are asked for; the version before knew none', async () => {
    expect(await get<DiskUse>('/system/df?type=volume')).toEqual({
      LayersSize: 0,
      Images: null,
      Containers: null,
      Volumes: [],
      BuildCache: null,
    });
    expect(await messageOf('GET', '/system/df?type=foo')).toBe('400 unknown object type: foo');
    expect(await get<DiskUse>('/v1.41/system/df?type=foo')).toMatchObject({ BuilderSize: 0 });
  });
});

describe('events', () => {
  const eventsOf = async (query: string): Promise<EventMessage[]> => {
    const response = await engine.fetch('GET', `/events?${query}`);
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as EventMessage);
  };
  const filters = (value: object): string => `filters=${encodeURIComponent(JSON.stringify(value))}`;

  test('of a run are those of docker, in its order', async () => {
    const id = await engine.run(
      ['true'],
      { Labels: { of: 'events' }, HostConfig: { AutoRemove: true } },
      'seen',
    );
    await engine.wait(id, 'removed').catch(() => 0);
    const seen = await eventually(async () => {
      const events = await eventsOf(`until=${Date.now() / 1000}&${filters({ container: [id] })}`);
      expect(events.map(({ Action }) => Action)).toEqual(['create', 'start', 'die', 'destroy']);
      return events;
    });
    expect(seen[2]).toMatchObject({
      Type: 'container',
      Actor: { ID: id, Attributes: { exitCode: '0', image: 'busybox', name: 'seen', of: 'events' } },
      scope: 'local',
      status: 'die',
      id,
      from: 'busybox',
    });
  });

  test('pass by the beginning of a name; all labels must be there, one of the types', async () => {
    const count = async (value: object): Promise<number> =>
      (await eventsOf(`until=${Date.now() / 1000}&${filters(value)}`)).length;
    expect(await count({ container: ['see'] })).toBe(4);
    expect(await count({ label: ['of=events', 'none'] })).toBe(0);
    expect(await count({ label: { 'of=events': true } })).toBe(4);
    expect(await count({ container: ['seen'], type: ['container', 'image'], event: ['die'] })).toBe(1);
    expect(await count({ scope: ['swarm'] })).toBe(0);
  });

  test('of a time that is no time, and filters that are none, are refused', async () => {
    expect(await messageOf('GET', '/events?since=abc')).toBe("400 invalid time: 'abc'");
    expect(await messageOf('GET', '/events?since=20&until=10')).toBe(
      '400 `since` time (20) cannot be after `until` time (10)',
    );
    expect(await messageOf('GET', `/events?until=1&${filters({ nope: ['x'] })}`)).toBe(
      "400 invalid filter 'nope'",
    );
    expect(await messageOf('GET', '/events?until=1&filters={')).toBe('400 invalid filter');
    expect(await messageOf('GET', `/events?until=1&${filters(['x'])}`)).toBe('400 invalid filter');
  });

  test('flow on until their end', async () => {
    const response = await engine.fetch('GET', `/events?until=${Date.now() / 1000 + 0.6}`);
    await engine.call('POST', '/volumes/create', { Name: 'later' });
    expect(await response.text()).toContain('"later"');
    await engine.call('DELETE', '/volumes/later');
  });
});

describe('a body', () => {
  const send = async (body: string, type?: string): Promise<string> => {
    const response = await fetch('http://engine/auth', {
      unix: engine.socketPath,
      method: 'POST',
      body,
      ...(type !== undefined && { headers: { 'Content-Type': type } }),
    });
    const { message } = (await response.json()) as { message: string };
    return `${response.status} ${message}`;
  };

  test('must be JSON and say so', async () => {
    expect(await send('{}', 'text/plain')).toBe(
      "400 unsupported Content-Type header (text/plain): must be 'application/json'",
    );
    expect(await send('{', 'application/json')).toStartWith('400 invalid JSON');
    expect(await send(' ', 'application/json')).toBe('400 invalid JSON: got EOF while reading request body');
    expect(await send('{"username":1}', 'application/json; charset=utf-8')).toBe(
      '400 invalid JSON: json: cannot unmarshal number into Go struct field AuthConfig.username of type string',
    );
    expect(await send(`"${'x'.repeat(5 << 20)}"`, 'application/json')).toBe('400 request body too large');
  });
});

describe('a request', () => {
  const raw = async (head: string): Promise<string> => {
    const stream = new RawStream(connect({ path: engine.socketPath, allowHalfOpen: true }));
    stream.write(`${head}\r\nHost: engine\r\n\r\n`);
    await stream.head();
    stream.socket.destroy();
    return stream.answer.split('\r\n')[0] ?? '';
  };

  test('may name many things in its line', async () => {
    const many = JSON.stringify({ label: Array.from({ length: 20_000 }, (_, at) => `label-${at}`) });
    const path = `/containers/json?filters=${encodeURIComponent(many)}`;
    expect((await engine.fetch('GET', path)).status).toBe(200);
    // The answer may be lost: whoever is not read any more is cut off.
    expect(await raw(`GET /info?${'x'.repeat(2 << 20)} HTTP/1.1`)).toMatch(/^(?:HTTP\/1\.1 431 .*)?$/);
  });

  test('that offers to upgrade gets its answer all the same', async () => {
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAQAA';
    expect(await raw(`GET /_ping HTTP/1.1\r\n${offer}`)).toBe('HTTP/1.1 200 OK');
    expect(await raw(`GET /nope HTTP/1.1\r\n${offer}`)).toBe('HTTP/1.1 404 Not Found');
    const length = `Content-Length: ${1 << 30}`;
    expect(await raw(`POST /exec/x/start HTTP/1.1\r\n${offer}\r\n${length}`)).toBe(
      'HTTP/1.1 400 Bad Request',
    );
  });

  test('may name its host in the line, and hold a question mark twice', async () => {
    expect(await raw('GET http://engine/_ping HTTP/1.1')).toBe('HTTP/1.1 200 OK');
    expect(await raw('GET /events?until=1&x=?&since=nope HTTP/1.1')).toBe('HTTP/1.1 400 Bad Request');
  });

  test('that is none is refused', async () => {
    expect(await raw('GARBAGE')).toBe('HTTP/1.1 400 Bad Request');
  });
});
