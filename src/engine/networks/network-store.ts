/** Networks and who is connected to them, in engine.db. Addresses are taken and given back here. */
import type { Database } from 'bun:sqlite';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { freeAddress6 } from './free-address6.ts';
import { formatSubnet, parseAddress, parseSubnet, sizeOf, type Subnet } from './ipv4.ts';
import type { Endpoint, EndpointDetails, NetworkOptions, NetworkRecord } from './network-record.ts';
import type { PublishedPort } from './port-bindings.ts';

interface NetworkRow {
  id: string;
  name: string;
  driver: NetworkRecord['driver'];
  created: string;
  bridge: string | null;
  subnet: string | null;
  options: string;
}

interface EndpointRow {
  container_id: string;
  network_id: string;
  address: number | null;
  details: string;
}

export class NetworkStore {
  readonly #database: Database;
  /** All of them, by container, as in the database: a list of containers asks for each. Nobody else writes. */
  #connected: Map<string, readonly Endpoint[]> | undefined;
  #networks: readonly NetworkRecord[] | undefined;

  /** @param bridge the default network's interface. */
  constructor(database: Database, bridge: string) {
    this.#database = database;
    this.#addPredefined('bridge', 'bridge', bridge);
    this.#addPredefined('host', 'host', null);
    this.#addPredefined('none', 'null', null);
  }

  #addPredefined(name: string, driver: string, bridge: string | null): void {
    const id = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
    this.#database
      .query('INSERT OR IGNORE INTO network (id, name, driver, created, bridge) VALUES (?, ?, ?, ?, ?)')
      .run(id, name, driver, new Date().toISOString(), bridge);
    this.#database
      .query('UPDATE network SET bridge = ?, subnet = NULL WHERE name = ? AND bridge IS NOT ?')
      .run(bridge, name, bridge);
  }

  /** By name. */
  list(): readonly NetworkRecord[] {
    this.#networks ??= this.#database
      .query<NetworkRow, []>('SELECT * FROM network ORDER BY name')
      .all()
      .map(toNetwork);
    return this.#networks;
  }

  /** By full id, then name, then a prefix of the id. @throws NotFoundError, InvalidError when a prefix fits several. */
  resolve(text: string): NetworkRecord {
    const networks = this.list();
    const exact = networks.find(({ id }) => id === text) ?? networks.find(({ name }) => name === text);
    const matches = exact ? [exact] : networks.filter(({ id }) => text !== '' && id.startsWith(text));
    if (matches.length > 1) {
      throw new InvalidError(
        `network ${text} is ambiguous (${matches.length} matches found based on ID prefix)`,
      );
    }
    if (!matches[0]) throw new NotFoundError(`network ${text} not found`);
    return matches[0];
  }

  /** @throws ConflictError when its name is taken. */
  add(network: NetworkRecord): void {
    const { id, name, driver, created, bridge, subnet, options } = network;
    if (this.list().some((other) => other.name === name)) {
      throw new ConflictError(`network with name ${name} already exists`);
    }
    this.#database
      .query(
        'INSERT INTO network (id, name, driver, created, bridge, subnet, options) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        id,
        name,
        driver,
        created,
        bridge ?? null,
        subnet ? formatSubnet(subnet) : null,
        JSON.stringify(options),
      );
    this.#networks = undefined;
  }

  /** Nobody may be connected any more. Idempotent. */
  remove(networkId: string): void {
    this.#database.query('DELETE FROM network WHERE id = ?').run(networkId);
    this.#networks = undefined;
  }

  /** Who is connected to the network. */
  endpointsOn(networkId: string): Endpoint[] {
    return this.#database
      .query<EndpointRow, [string]>('SELECT * FROM endpoint WHERE network_id = ?')
      .all(networkId)
      .map(toEndpoint);
  }

  setSubnet(networkId: string, subnet: Subnet): void {
    this.#database.query('UPDATE network SET subnet = ? WHERE id = ?').run(formatSubnet(subnet), networkId);
    this.#networks = undefined;
  }

  endpoints(): Endpoint[] {
    return this.#database
      .query<EndpointRow, []>('SELECT * FROM endpoint ORDER BY rowid')
      .all()
      .map(toEndpoint);
  }

  /** In the order in which it was connected. */
  endpointsOf(containerId: string): readonly Endpoint[] {
    this.#connected ??= Map.groupBy(this.endpoints(), (endpoint) => endpoint.containerId);
    return this.#connected.get(containerId) ?? [];
  }

  /**
   * Reserves an address of the network (none for host and null) and records the endpoint, in one transaction: the lowest free
   * one, or the one that is wanted. @throws ConflictError when it is taken, or all are.
   */
  connect(
    network: NetworkRecord,
    containerId: string,
    describe: (address: number | undefined) => EndpointDetails,
    wanted?: number,
    wanted6?: bigint,
  ): Endpoint {
    const endpoint = this.#database.transaction(() => {
      const address = network.subnet && this.#reserve(network, network.subnet, wanted);
      const address6 = freeAddress6(network, this.endpointsOn(network.id), wanted6);
      const details = { ...describe(address), address6 };
      this.#database
        .query('INSERT INTO endpoint (container_id, network_id, address, details) VALUES (?, ?, ?, ?)')
        .run(containerId, network.id, address ?? null, JSON.stringify(details));
      return { ...details, containerId, networkId: network.id, address };
    })();
    this.#reread(containerId);
    return endpoint;
  }

  /** The container's published ports lead to this network's address from now on. */
  setPorts(containerId: string, networkId: string, ports: readonly PublishedPort[]): void {
    this.#database
      .query(
        "UPDATE endpoint SET details = json_set(details, '$.ports', json(?)) WHERE container_id = ? AND network_id = ?",
      )
      .run(JSON.stringify(ports), containerId, networkId);
    this.#reread(containerId);
  }

  /** Forgets the container's endpoints, or the one on a network. Idempotent. */
  disconnect(containerId: string, networkId?: string): void {
    const [more, values] = networkId === undefined ? ['', []] : [' AND network_id = ?', [networkId]];
    this.#database.query(`DELETE FROM endpoint WHERE container_id = ?${more}`).run(containerId, ...values);
    this.#reread(containerId);
  }

  #reread(containerId: string): void {
    const endpoints = this.#database
      .query<EndpointRow, [string]>('SELECT * FROM endpoint WHERE container_id = ? ORDER BY rowid')
      .all(containerId)
      .map(toEndpoint);
    if (endpoints.length > 0) this.#connected?.set(containerId, endpoints);
    else this.#connected?.delete(containerId);
  }

  /** The network itself, its gateway, what its maker set aside and the broadcast are nobody's. */
  #reserve(network: NetworkRecord, subnet: Subnet, wanted: number | undefined): number {
    const { id: networkId, options } = network;
    const range = options.pool?.range === undefined ? subnet : parseSubnet(options.pool.range);
    const kept = Object.values(options.pool?.auxiliary ?? {}).map((text) => parseAddress(text));
    const taken = new Set<number | undefined>([
      gatewayOf(network),
      subnet.base,
      subnet.base + sizeOf(subnet.prefixLength) - 1,
      ...kept,
      ...this.#database
        .query<{ address: number }, [string]>('SELECT address FROM endpoint WHERE network_id = ?')
        .all(networkId)
        .map((row) => row.address),
    ]);
    if (wanted !== undefined) {
      if (taken.has(wanted)) throw new ConflictError('Address already in use');
      return wanted;
    }
    const end = range.base + sizeOf(range.prefixLength);
    for (let address = range.base; address < end; address++) if (!taken.has(address)) return address;
    throw new ConflictError("no available IPv4 addresses on this network's address pools");
  }
}

/** The bridge's own address; undefined while the network has no subnet. */
export function gatewayOf({
  subnet,
  options,
}: Pick<NetworkRecord, 'subnet' | 'options'>): number | undefined {
  return parseAddress(options.pool?.gateway ?? '') ?? (subnet && subnet.base + 1);
}

function toNetwork({ bridge, subnet, options, ...row }: NetworkRow): NetworkRecord {
  return {
    ...row,
    bridge: bridge ?? undefined,
    subnet: subnet === null ? undefined : parseSubnet(subnet),
    options: JSON.parse(options) as NetworkOptions,
  };
}

function toEndpoint(row: EndpointRow): Endpoint {
  // An older engine has connected the container without the last two.
  const details = JSON.parse(row.details) as Omit<EndpointDetails, 'device' | 'asked'> &
    Partial<EndpointDetails>;
  return {
    ...details,
    device: details.device ?? 'eth0',
    asked: details.asked ?? {},
    containerId: row.container_id,
    networkId: row.network_id,
    address: row.address ?? undefined,
  };
}
