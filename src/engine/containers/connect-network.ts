/** `network connect` and `network disconnect`: a container that runs is rewired at once, any other when it starts. */
import type { EndpointSettings } from '../../engine-api/types.ts';
import { DeniedError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { networkName } from '../networks/network-settings.ts';
import type { NetworkRecord } from '../networks/network-record.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { type ContainerRecord, hasProcess } from './state.ts';

export type NetworkDependencies = Pick<
  ContainerDependencies,
  'containers' | 'events' | 'locks' | 'networks' | 'paths'
>;

/** @throws NotFoundError, DeniedError when it is connected already or has no network of its own. */
export async function connectContainer(
  deps: NetworkDependencies,
  networkText: string,
  containerText: string,
  asked: EndpointSettings,
): Promise<void> {
  const network = deps.networks.store.resolve(networkText);
  const { id } = deps.containers.resolve(containerText);
  await deps.locks.run(id, async () => {
    const record = deps.containers.resolve(id);
    const endpoints = endpointsOf(deps, record);
    requireOwnNetwork(record, network);
    if (network.name in endpoints) {
      throw new DeniedError(`endpoint with name ${record.name} already exists in network ${network.name}`);
    }
    const next = { ...endpoints, [network.name]: asked };
    if (hasProcess(record.state)) {
      await deps.networks.connectRunning(network.id, {
        containerId: id,
        name: record.name,
        config: record.config,
        hostConfig: record.hostConfig,
        endpoints: next,
        stateDirectory: deps.paths.state(id),
      });
      event(deps, network, record, 'connect');
    }
    deps.containers.update(id, { endpoints: next });
  });
}

/** @param force also when the container is gone. @throws NotFoundError, InvalidError when it is not connected. */
export async function disconnectContainer(
  deps: NetworkDependencies,
  networkText: string,
  containerText: string,
  force: boolean,
): Promise<void> {
  const network = deps.networks.store.resolve(networkText);
  const found = deps.containers.find(containerText);
  if (!found) {
    if (force && (await forgetEndpoint(deps, network, containerText))) return;
    throw new NotFoundError(`No such container: ${containerText}`);
  }
  const { id } = found;
  await deps.locks.run(id, async () => {
    const record = deps.containers.resolve(id);
    const { [network.name]: gone, ...rest } = endpointsOf(deps, record);
    if (network.driver !== 'bridge') {
      throw new DeniedError(`container cannot be disconnected from ${network.name} network`);
    }
    if (gone === undefined) {
      throw new InvalidError(`container ${id} is not connected to network ${network.name}`);
    }
    if (hasProcess(record.state)) {
      await deps.networks.disconnectRunning(network.id, id);
      event(deps, network, record, 'disconnect');
    }
    deps.containers.update(id, { endpoints: rest });
  });
}

/** Of a container that no record tells of any more. */
async function forgetEndpoint(
  { networks }: Pick<NetworkDependencies, 'networks'>,
  network: NetworkRecord,
  text: string,
): Promise<boolean> {
  const endpoint = networks.store
    .endpointsOn(network.id)
    .find(({ containerId, containerName }) => containerName === text || containerId.startsWith(text));
  if (endpoint) await networks.disconnectRunning(network.id, endpoint.containerId);
  return endpoint !== undefined;
}

/** What it is on, or will be when it starts; nothing said at create means the network of its mode. */
function endpointsOf(
  { networks: { store } }: Pick<NetworkDependencies, 'networks'>,
  { id, endpoints, hostConfig, state }: ContainerRecord,
): Readonly<Record<string, EndpointSettings>> {
  if (hasProcess(state)) {
    return Object.fromEntries(
      store.endpointsOf(id).map(({ networkId, asked }) => [store.resolve(networkId).name, asked]),
    );
  }
  return Object.keys(endpoints).length > 0 ? endpoints : { [networkName(hostConfig)]: {} };
}

function requireOwnNetwork({ hostConfig, config }: ContainerRecord, network: NetworkRecord): void {
  const mode = config.NetworkDisabled ? 'none' : networkName(hostConfig);
  if (mode.startsWith('container:')) {
    throw new DeniedError(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
  }
  if (mode === 'host' || network.driver === 'host') {
    throw new DeniedError('container cannot be disconnected from host network or connected to host network');
  }
  if (mode === 'none' || network.driver === 'null') {
    throw new DeniedError(
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  }
}

function event(
  { events }: Pick<NetworkDependencies, 'events'>,
  { id, name, driver }: NetworkRecord,
  record: ContainerRecord,
  action: 'connect' | 'disconnect',
): void {
  events.publish('network', action, id, { container: record.id, name, type: driver });
}
