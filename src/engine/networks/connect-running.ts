/** Connecting and disconnecting a container while it runs. */
import { existsSync } from 'node:fs';
import type { NetworkSettings } from '../../engine-api/types.ts';
import { DeniedError } from '../../lib/errors.ts';
import { UndoStack } from '../../lib/undo.ts';
import { bridged } from './asked-networks.ts';
import type { ConnectRequest } from './attachment.ts';
import { socketInside, unplug } from './bridge.ts';
import type { ContainerNames } from './container-names.ts';
import type { NetworkBridges } from './network-bridges.ts';
import { leadOut, type NetworkCables } from './network-cables.ts';
import { nameResolver } from './network-files.ts';
import { hasNames } from './network-names.ts';
import type { Endpoint } from './network-record.ts';
import { connectedSettings } from './network-settings.ts';
import type { NetworkStore } from './network-store.ts';
import { type PublishedPorts, redirectionsTo } from './published-ports.ts';

/** What connections are made of; container-networks.ts owns it. */
export interface NetworkParts {
  readonly store: NetworkStore;
  readonly bridges: NetworkBridges;
  readonly cables: NetworkCables;
  readonly ports: PublishedPorts;
  readonly names: ContainerNames;
}

/**
 * Connects a container that runs to one more network. @throws DeniedError when it has no namespace of its own here, or is
 * connected to it already.
 */
export async function connectRunning(
  parts: NetworkParts,
  networkName: string,
  request: ConnectRequest,
): Promise<NetworkSettings> {
  const { store, bridges, cables, ports, names } = parts;
  await bridges.checked();
  const network = bridged(store.resolve(networkName));
  const others = store.endpointsOf(request.containerId);
  const netnsPath = others[0]?.netnsPath ?? cables.netnsPath(request.containerId);
  if (!existsSync(netnsPath)) {
    throw new DeniedError(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
  }
  await using undo = new UndoStack();
  using inside = socketInside(netnsPath);
  const device = freeDevice(others);
  if (others.some(({ networkId }) => networkId === network.id)) {
    throw new DeniedError(`endpoint with name ${request.name} already exists in network ${network.name}`);
  }
  undo.push(() => store.disconnect(request.containerId, network.id));
  undo.push(() => inside.deleteLink(device));
  const endpoint = cables.plug(inside, network, request, { device });
  if (cables.leader([...others, endpoint]) === endpoint) {
    leadOut(inside, network);
    // The ports of a container that had no network to publish them on.
    if (others.every((other) => other.ports.length === 0)) {
      const held = await ports.hold(network, request, endpoint.endpointId, undo);
      store.setPorts(request.containerId, network.id, held);
      await ports.lead({ ...endpoint, ports: held });
    }
  }
  names.serve(request.containerId);
  if (hasNames(network)) nameResolver(request);
  undo.commit();
  return connectedSettings([[network, endpoint]]);
}

function freeDevice(others: readonly Endpoint[]): string {
  const used = new Set(others.map(({ device }) => device));
  let number = 0;
  while (used.has(`eth${number}`)) number++;
  return `eth${number}`;
}

/** Takes a container that runs off one of its networks; its published ports pass to the one that leads out then. */
export async function disconnectRunning(
  { store, cables, ports, names }: NetworkParts,
  networkId: string,
  containerId: string,
): Promise<void> {
  const endpoint = store.endpointsOf(containerId).find((one) => one.networkId === networkId);
  if (!endpoint) return;
  const { netnsPath, device } = endpoint;
  const isPublished = redirectionsTo(endpoint).length > 0;
  if (netnsPath !== undefined && existsSync(netnsPath)) unplug(netnsPath, device);
  const next = cables.leader(store.endpointsOf(containerId).filter((one) => one.networkId !== networkId));
  if (next && isPublished) store.setPorts(containerId, next.networkId, endpoint.ports);
  store.disconnect(containerId, networkId);
  await ports.unlead([endpoint]);
  if (next && isPublished) await ports.lead({ ...next, ports: endpoint.ports });
  else ports.release([endpoint]);
  if (netnsPath !== undefined && next?.address !== undefined) {
    using inside = socketInside(netnsPath);
    leadOut(inside, store.resolve(next.networkId));
  }
  names.serve(containerId);
}
