import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Network } from '../../engine-api/types.ts';
import { InvalidError, messageOf, NotFoundError } from '../../lib/errors.ts';
import { parseSubnet } from '../networks/ipv4.ts';
import type { NetworkDependencies } from '../containers/connect-network.ts';
import { networkOptionsSchema, networkSchema } from '../networks/network-schema.ts';
import { NetworkStore } from '../networks/network-store.ts';
import { networkRoutes } from './networks.ts';
import type { ApiRequest } from './route.ts';

let database: Database;
let store: NetworkStore;

beforeEach(() => {
  database = new Database(':memory:', { strict: true });
  database.run(networkSchema);
  database.run(networkOptionsSchema);
  store = new NetworkStore(database, 'cais0');
  store.setSubnet(store.resolve('bridge').id, parseSubnet('172.20.0.0/16'));
});

afterEach(() => database.close());

async function get<T>(path: string, params: Record<string, string> = {}, query = ''): Promise<T> {
  // These routes ask the store alone.
  const deps = { networks: { store } } as unknown as NetworkDependencies;
  const route = networkRoutes(deps).find((candidate) => candidate.path === path);
  if (!route || !('handle' in route)) throw new NotFoundError(path);
  const request = { params, query: new URLSearchParams(query) } as unknown as ApiRequest;
  return (await (await route.handle(request)).json()) as T;
}

async function names(filters: Record<string, string[]>): Promise<(string | undefined)[]> {
  const query = new URLSearchParams({ filters: JSON.stringify(filters) }).toString();
  return (await get<Network[]>('/networks', {}, query)).map(({ Name }) => Name);
}

describe('POST /networks/prune', () => {
  test('leaves the predefined ones alone', async () => {
    expect(await get<unknown>('/networks/prune')).toEqual({ NetworksDeleted: null });
    expect(await names({})).toEqual(['bridge', 'host', 'none']);
  });
});

describe('GET /networks', () => {
  test('lists the three that every engine has', async () => {
    expect(await names({})).toEqual(['bridge', 'host', 'none']);
  });

  test('filters: values of one are alternatives, several add up', async () => {
    expect(await names({ name: ['brid', 'none'] })).toEqual(['bridge', 'none']);
    expect(await names({ driver: ['null'], type: ['builtin'] })).toEqual(['none']);
    expect(await names({ type: ['custom'] })).toEqual([]);
    expect(await names({ label: ['a'] })).toEqual([]);
    const unknown = await names({ colour: ['red'] }).catch((error: unknown) => error);
    expect(unknown).toBeInstanceOf(InvalidError);
  });
});

describe('GET /networks/{id}', () => {
  test('shows the bridge, by name, id or a part of it, and who is on it', async () => {
    const { id } = store.resolve('bridge');
    store.connect(store.resolve('bridge'), 'c1', () => ({
      endpointId: 'e1',
      containerName: 'web',
      mac: '02:42:ac:14:00:02',
      netnsPath: '/run/netns/c1',
      files: { resolvConf: '', hosts: '', hostname: '' },
      hostname: 'web',
      ports: [],
      exposed: [],
      device: 'eth0',
      asked: {},
    }));
    for (const text of ['bridge', id, id.slice(0, 12)]) {
      expect(await get<Network>('/networks/{id}', { id: text })).toMatchObject({
        Name: 'bridge',
        Driver: 'bridge',
        Scope: 'local',
        IPAM: { Config: [{ Subnet: '172.20.0.0/16', Gateway: '172.20.0.1' }] },
        Options: { 'com.docker.network.bridge.name': 'cais0' },
        Containers: { c1: { Name: 'web', EndpointID: 'e1', IPv4Address: '172.20.0.2/16' } },
      });
    }
  });

  test('knows no other', async () => {
    const unknown = await get('/networks/{id}', { id: 'lan' }).catch(messageOf);
    expect(unknown).toBe('network lan not found');
  });
});
