/** What is written is what is read next, whatever was read before. */
import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import { parseSubnet } from './ipv4.ts';
import { networkOptionsSchema, networkSchema } from './network-schema.ts';
import type { EndpointDetails } from './network-record.ts';
import { NetworkStore } from './network-store.ts';

let database: Database;
let store: NetworkStore;

beforeEach(() => {
  database = new Database(':memory:', { strict: true });
  database.run(networkSchema);
  database.run(networkOptionsSchema);
  store = new NetworkStore(database, 'cais0');
});
afterEach(() => database.close());

const details: EndpointDetails = {
  endpointId: 'e1',
  containerName: 'web',
  mac: '02:42:ac:14:00:02',
  netnsPath: undefined,
  files: { resolvConf: '', hosts: '', hostname: '' },
  hostname: 'web',
  ports: [],
  exposed: [],
  device: 'eth0',
  asked: {},
};

function addNetwork(name: string): void {
  const created = new Date(0).toISOString();
  const subnet = parseSubnet('172.30.0.0/29');
  store.add({ id: name.repeat(32), name, driver: 'bridge', created, bridge: undefined, subnet, options: {} });
}

test('networks come and go, and their subnets change', () => {
  expect(store.list().map(({ name }) => name)).toEqual(['bridge', 'host', 'none']);
  addNetwork('aa');
  expect(store.resolve('aa').subnet).toEqual(parseSubnet('172.30.0.0/29'));
  store.setSubnet(store.resolve('aa').id, parseSubnet('172.31.0.0/24'));
  expect(store.resolve('aa').subnet).toEqual(parseSubnet('172.31.0.0/24'));
  store.remove(store.resolve('aa').id);
  expect(() => store.resolve('aa')).toThrow(NotFoundError);
});

test('a container has the endpoints that it was given, in their order', () => {
  addNetwork('aa');
  addNetwork('bb');
  expect(store.endpointsOf('c1')).toEqual([]);
  store.connect(store.resolve('bb'), 'c1', () => details);
  expect(store.endpointsOf('c1').map(({ address }) => address)).toHaveLength(1);
  store.connect(store.resolve('aa'), 'c1', () => details);
  const names = () => store.endpointsOf('c1').map(({ networkId }) => store.resolve(networkId).name);
  expect(names()).toEqual(['bb', 'aa']);
  store.disconnect('c1', store.resolve('bb').id);
  expect(names()).toEqual(['aa']);
  store.disconnect('c1');
  expect(names()).toEqual([]);
});

test('an address that cannot be had changes nothing', () => {
  addNetwork('aa');
  const network = store.resolve('aa');
  const { address } = store.connect(network, 'c1', () => details);
  expect(store.endpointsOf('c2')).toEqual([]);
  expect(() => store.connect(network, 'c2', () => details, address)).toThrow(ConflictError);
  expect(store.endpointsOf('c2')).toEqual([]);
});
