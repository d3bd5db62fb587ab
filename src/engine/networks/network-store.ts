/** Networks and who is connected to them, in engine.db. Addresses are taken and given back here. */
import type { Database } from 'bun:sqlite';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { formatSubnet, parseSubnet, sizeOf, type Subnet } from './ipv4.ts';
import type { PublishedPort } from './port-bindings.ts';

export interface NetworkRecord {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'null';
  /** RFC 3339. */
  readonly created: string;
  /** The interface on the host; bridge networks only. */
  readonly bridge: string | undefined;
  /** Undefined until the bridge was first made. */
  readonly subnet: Subnet | undefined;
}

export interface EndpointDetails {
  /** 64 hex digits. */
  readonly endpointId: string;
  readonly containerName: string;
  readonly mac: string;
  readonly netnsPath: string | undefined;
  readonly files: { readonly resolvConf: string; readonly hosts: string; readonly hostname: string };
  readonly hostname: string;
  readonly ports: readonly PublishedPort[];
  /** Ports that the image exposes and nobody published: `80/tcp`. */
  readonly exposed: readonly string[];
}

export interface Endpoint extends EndpointDetails {
  readonly containerId: string;
  readonly networkId: string;
  readonly address: number | undefined;
}

interface NetworkRow {
  id: string;
  name: string;
  driver: NetworkRecord['driver'];
  created: string;
  bridge: string | null;
  subnet: string | null;
}

interface EndpointRow {
  container_id: string;
  network_id: string;
  address: number | null;
  details: string;
}

export class NetworkStore {
  readonly #database: Database;

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
  list(): NetworkRecord[] {
    return this.#database.query<NetworkRow, []>('SELECT * FROM network ORDER BY name').all().map(toNetwork);
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

  setSubnet(networkId: string, subnet: Subnet): void {
    this.#database.query('UPDATE network SET subnet = ? WHERE id = ?').run(formatSubnet(subnet), networkId);
  }

  endpoints(): Endpoint[] {
    return this.#database.query<EndpointRow, []>('SELECT * FROM endpoint').all().map(toEndpoint);
  }

  endpointsOf(containerId: string): Endpoint[] {
    return this.#database
      .query<EndpointRow, [string]>('SELECT * FROM endpoint WHERE container_id = ?')
      .all(containerId)
      .map(toEndpoint);
  }

  /**
   * Reserves the lowest free address of the network (none for host and null) and records the endpoint, in one transaction.
   * @throws ConflictError when all addresses are taken.
   */
  connect(
    network: NetworkRecord,
    containerId: string,
    describe: (address: number | undefined) => EndpointDetails,
  ): Endpoint {
    return this.#database.transaction(() => {
      const address = network.subnet && this.#freeAddress(network.id, network.subnet);
      const details = describe(address);
      this.#database
        .query('INSERT INTO endpoint (container_id, network_id, address, details) VALUES (?, ?, ?, ?)')
        .run(containerId, network.id, address ?? null, JSON.stringify(details));
      return { ...details, containerId, networkId: network.id, address };
    })();
  }

  /** Forgets the container's endpoints. Idempotent. */
  disconnect(containerId: string): void {
    this.#database.query('DELETE FROM endpoint WHERE container_id = ?').run(containerId);
  }

  /** The network itself, its gateway (the first address) and the broadcast are nobody's. */
  #freeAddress(networkId: string, { base, prefixLength }: Subnet): number {
    const taken = new Set(
      this.#database
        .query<{ address: number }, [string]>('SELECT address FROM endpoint WHERE network_id = ?')
        .all(networkId)
        .map((row) => row.address),
    );
    const end = base + sizeOf(prefixLength) - 1;
    for (let address = base + 2; address < end; address++) if (!taken.has(address)) return address;
    throw new ConflictError("no available IPv4 addresses on this network's address pools");
  }
}

/** The bridge's own address. */
export function gatewayOf(subnet: Subnet): number {
  return subnet.base + 1;
}

function toNetwork({ bridge, subnet, ...row }: NetworkRow): NetworkRecord {
  return { ...row, bridge: bridge ?? undefined, subnet: subnet === null ? undefined : parseSubnet(subnet) };
}

function toEndpoint(row: EndpointRow): Endpoint {
  return {
    ...(JSON.parse(row.details) as EndpointDetails),
    containerId: row.container_id,
    networkId: row.network_id,
    address: row.address ?? undefined,
  };
}
