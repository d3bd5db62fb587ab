/** All the host ports that one container asks for, or none: a step of connect. */
import { ConflictError, messageOf } from '../../lib/errors.ts';
import type { UndoStack } from '../../lib/undo.ts';
import type { HeldPorts } from './held-ports.ts';
import type { PortRequest, PublishedPort } from './port-bindings.ts';

/**
 * @param endpoint how docker's message names it.
 * @throws ConflictError when one cannot be had; what was taken by then is the undo stack's to give back.
 */
export async function holdPorts(
  ports: HeldPorts,
  wanted: readonly PortRequest[],
  endpoint: string,
  undo: UndoStack,
): Promise<PublishedPort[]> {
  const published: PublishedPort[] = [];
  for (const request of wanted) {
    try {
      const held = await ports.hold(request);
      undo.push(() => held.forEach((port) => ports.release(port)));
      published.push(...held);
    } catch (cause) {
      const what = `driver failed programming external connectivity on endpoint ${endpoint}`;
      throw new ConflictError(`failed to set up container networking: ${what}: ${messageOf(cause)}`, {
        cause,
      });
    }
  }
  return published;
}
