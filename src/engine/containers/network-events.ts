/** The events `network connect` and `network disconnect` of a container that comes up or ends. */
import type { NetworkSettings } from '../../engine-api/types.ts';
import type { EventLog } from '../events.ts';
import type { ContainerRecord } from './state.ts';

export function networkEvents(
  { events }: { readonly events: EventLog },
  { id }: ContainerRecord,
  action: 'connect' | 'disconnect',
  settings: NetworkSettings | undefined,
): void {
  for (const [name, endpoint] of Object.entries(settings?.Networks ?? {})) {
    const type = name === 'host' || name === 'none' ? (name === 'none' ? 'null' : name) : 'bridge';
    events.publish('network', action, endpoint.NetworkID ?? '', { container: id, name, type });
  }
}
