/** `update`: limits and restart policy of an existing container, a running one included. */
import type { HostConfig } from '../../engine-api/types.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { completeHostConfig } from './create/host-config.ts';
import { buildDevices } from './spec/spec-devices.ts';
import { buildResources } from './spec/spec-resources.ts';
import { attributesOf } from './container-event.ts';
import { hasProcess } from './state.ts';

/** @param change only what is to change; zero leaves a limit as it is. */
export async function updateContainer(
  deps: Pick<ContainerDependencies, 'containers' | 'locks' | 'runc' | 'host' | 'events'>,
  name: string,
  change: HostConfig,
): Promise<void> {
  const { id } = deps.containers.resolve(name);
  await deps.locks.run(id, async () => {
    const record = deps.containers.resolve(id);
    const asked = Object.entries(change).filter(([, value]) => isGiven(value));
    const hostConfig = completeHostConfig({ ...record.hostConfig, ...Object.fromEntries(asked) }, deps.host);
    if (hasProcess(record.state)) {
      const { rules } = buildDevices({ hostConfig });
      const { devices: _devices, ...limits } = buildResources(hostConfig, deps.host, rules);
      await deps.runc.update(id, limits);
    }
    const updated = deps.containers.update(id, { hostConfig });
    deps.events.publish('container', 'update', id, attributesOf(updated));
  });
}

/** Zero and empty, in lists as well, are Go's words for "not asked for". */
function isGiven(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null && 'Name' in value) return value.Name !== '';
  return value !== undefined && value !== null && value !== 0 && value !== '' && value !== false;
}
