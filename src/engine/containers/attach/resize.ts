/** The window size of a terminal, passed to conmon through its `ctl` fifo. */
import { ConflictError, errnoOf, InvalidError } from '../../../lib/errors.ts';
import { setWindowSize } from '../../runtime/conmon-control.ts';
import { attributesOf } from '../container-event.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { hasProcess } from '../state.ts';

/** @throws ConflictError when nothing runs; the CLI asks again when the process was only about to exist. */
export function resizeContainer(
  { containers, paths, events }: Pick<ContainerDependencies, 'containers' | 'paths' | 'events'>,
  name: string,
  height: number,
  width: number,
): void {
  const record = containers.resolve(name);
  if (!hasProcess(record.state)) throw new ConflictError(`Container ${record.id} is not running`);
  if (!record.config.Tty) return;
  resizeTerminal(paths.bundle(record.id), height, width);
  const attributes = attributesOf(record, { height: String(height), width: String(width) });
  events.publish('container', 'resize', record.id, attributes);
}

/** @param directory where conmon made its fifos. @throws ConflictError when it has not, or is gone. */
export function resizeTerminal(directory: string, height: number, width: number): void {
  if (![height, width].every((size) => Number.isInteger(size) && size >= 0)) {
    throw new InvalidError('invalid resize: height and width must be numbers');
  }
  try {
    setWindowSize(directory, height, width);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENXIO') {
      throw new ConflictError('cannot resize a stopped container', { cause: error });
    }
    throw error;
  }
}
