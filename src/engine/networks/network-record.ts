/** What is remembered of a network, and of a container's place on it. */
import type { EndpointSettings } from '../../engine-api/types.ts';
import type { Subnet } from './ipv4.ts';
import type { OutsideServer } from './names/resolvers.ts';
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
  readonly options: NetworkOptions;
}

/** As its maker asked for it; the predefined networks have none of these. */
export interface NetworkOptions {
  /** Nothing of it leaves this host. */
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  /** `com.docker.network.…` */
  readonly driver?: Readonly<Record<string, string>>;
  /** Present on a network that has IPv6 beside IPv4. */
  readonly ipv6?: {
    readonly subnet: string;
    readonly gateway?: string;
    readonly range?: string;
    readonly auxiliary?: Readonly<Record<string, string>>;
    /** Somebody chose the subnet. */
    readonly isChosen?: boolean;
  };
  /** Present when somebody chose the subnet; it is never exchanged for another then. */
  readonly pool?: {
    readonly gateway?: string;
    readonly range?: string;
    /** Addresses that are nobody's here, by name. */
    readonly auxiliary?: Readonly<Record<string, string>>;
  };
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
  /** The interface in the container: `eth0`; '' where it has none. */
  readonly device: string;
  /** As asked for at create or connect. */
  readonly asked: EndpointSettings;
  /** On a network with IPv6. */
  readonly address6?: string | undefined;
  /** Whom the engine's resolver asks for names of the outside; undefined where the container has none. */
  readonly dns?: readonly OutsideServer[] | undefined;
}

export interface Endpoint extends EndpointDetails {
  readonly containerId: string;
  readonly networkId: string;
  readonly address: number | undefined;
}
