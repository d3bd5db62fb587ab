/** Networks as containers see them: start connects, the end of a container disconnects, the engine's start recovers. */
import type { Database } from 'bun:sqlite';
import type { NetworkSettings } from '../../engine-api/types.ts';
import { UnsupportedError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { ConnectRequest, NetworkAttachment } from './attachment.ts';

export interface NetworksOptions {
  readonly database: Database;
  /** The engine's runtime directory; network namespaces are kept in its netns/. */
  readonly runDirectory: string;
  /** Names the default bridge and the nft table; engines side by side need different ones. At most 11 characters. */
  readonly name: string;
  readonly log: Log;
}

export class ContainerNetworks implements AsyncDisposable {
  /** Returns at once; bridge, nft table and spare namespaces are made in the background, and connect waits for them. */
  static open(_options: NetworksOptions): ContainerNetworks {
    return new ContainerNetworks();
  }

  /**
   * Gives the container its network namespace, address, published ports and files. All or nothing.
   * @throws ConflictError when a host port is taken, or the container to join has no network (is not running).
   */
  connect(_request: ConnectRequest): Promise<NetworkAttachment> {
    throw new UnsupportedError('networks are not there yet');
  }

  /** Gives all of it back. Idempotent. Call it when the container has ended, after whoever waits was answered. */
  disconnect(_containerId: string): Promise<void> {
    throw new UnsupportedError('networks are not there yet');
  }

  /** As `inspect` shows it: undefined when the container is not connected (not running). */
  settings(_containerId: string): NetworkSettings | undefined {
    throw new UnsupportedError('networks are not there yet');
  }

  /** After the engine was gone: keeps the running containers' networks, gives back everything else. */
  recover(_running: ReadonlySet<string>): Promise<void> {
    throw new UnsupportedError('networks are not there yet');
  }

  /** Removes the spares, and bridge and table too when no container is connected. */
  [Symbol.asyncDispose](): Promise<void> {
    throw new UnsupportedError('networks are not there yet');
  }
}
