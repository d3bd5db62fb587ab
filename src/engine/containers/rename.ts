/** `rename`. The id stays; the name is free at once. */
import { ConflictError, InvalidError } from '../../lib/errors.ts';
import { attributesOf } from './container-event.ts';
import { validName } from './create/create.ts';
import type { ContainerDependencies } from './dependencies.ts';

/** @throws ConflictError when another container has the name. */
export function renameContainer(
  { containers, events }: Pick<ContainerDependencies, 'containers' | 'events'>,
  name: string,
  wanted: string,
): void {
  if (wanted === '') throw new InvalidError('Neither old nor new names may be empty');
  const record = containers.resolve(name);
  const newName = validName(wanted);
  if (newName === record.name) {
    throw new ConflictError('Renaming a container with the same name as its current name');
  }
  const renamed = containers.update(record.id, { name: newName });
  events.publish('container', 'rename', record.id, attributesOf(renamed, { oldName: `/${record.name}` }));
}
