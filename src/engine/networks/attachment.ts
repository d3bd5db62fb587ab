/** What a container asks of networks and what it gets: the words between container-networks.ts and the verbs. */
import type {
  ContainerConfig,
  EndpointSettings,
  HostConfig,
  NetworkSettings,
} from '../../engine-api/types.ts';

export interface ConnectRequest {
  readonly containerId: string;
  /** Without the slash. */
  readonly name: string;
  readonly config: ContainerConfig;
  /** NetworkMode `container:<id>` must hold the full id. */
  readonly hostConfig: HostConfig;
  /** As asked for at create, by network name: MacAddress counts. */
  readonly endpoints?: Readonly<Record<string, EndpointSettings>>;
  /** The container's own directory: hosts, hostname and resolv.conf are written there. */
  readonly stateDirectory: string;
  /** Lines of the hosts file, of containers that it is linked to. */
  readonly linkedHosts?: readonly string[];
}

export interface NetworkAttachment {
  /** What the runtime joins; undefined for the host's. */
  readonly netnsPath: string | undefined;
  readonly files: { readonly resolvConf: string; readonly hosts: string; readonly hostname: string };
  /** What the container is called: Config.Hostname, the host's or the joined container's. */
  readonly hostname: string;
  /** As `inspect` shows it while the container runs. */
  readonly settings: NetworkSettings;
}
