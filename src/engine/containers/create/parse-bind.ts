/** One entry of HostConfig.Binds (`-v`): `source:target[:mode]`, or `target` alone. Pure. */
import type { Mount } from '../../../engine-api/types.ts';
import { InvalidError, messageOf } from '../../../lib/errors.ts';
import { type MountRequest, parseMount, propagations } from './parse-mount.ts';

/** Of each at most one. */
const modes: readonly (readonly string[])[] = [
  ['rw', 'ro'],
  ['z', 'Z'],
  propagations,
  ['nocopy'],
  ['consistent', 'cached', 'delegated'],
];

/** @param volumeDriver of the volumes that are made; empty for the default one. @throws InvalidError in docker's words. */
export function parseBind(text: string, volumeDriver = ''): MountRequest {
  const parts = text.split(':');
  const [first = '', second, mode = ''] = parts;
  const wrong = `invalid volume specification: '${text}'`;
  const isModeAlone = parts.length === 2 && isMode(second ?? '');
  if (first === '' || parts.length > 3 || isModeAlone) throw new InvalidError(wrong);
  if (!isMode(mode)) throw new InvalidError(`invalid mode: ${mode}`);
  const source = second === undefined ? '' : first;
  try {
    const request = parseMount(asMount(source, second ?? first, mode, volumeDriver));
    return { ...request, mode, manner: { ...request.manner, ...(isBind(source) && { createSource: true }) } };
  } catch (error) {
    throw new InvalidError(`${wrong}: ${messageOf(error)}`, { cause: error });
  }
}

/** The same said as `--mount` would: what makes no sense for the type is refused there. */
function asMount(source: string, target: string, mode: string, driver: string): Mount {
  const options = mode.split(',');
  const propagation = options.find((option) => propagations.includes(option));
  const needsDriver = !isBind(source) && driver !== '';
  const volume = {
    ...(needsDriver && { DriverConfig: { Name: driver } }),
    ...(options.includes('nocopy') && { NoCopy: true }),
  };
  return {
    Type: isBind(source) ? 'bind' : 'volume',
    Source: source,
    Target: target,
    ReadOnly: options.includes('ro'),
    ...(Object.keys(volume).length > 0 && { VolumeOptions: volume }),
    ...(propagation !== undefined && { BindOptions: { Propagation: propagation as never } }),
  };
}

function isBind(source: string): boolean {
  return source.startsWith('/');
}

export function isMode(mode: string): boolean {
  if (mode === '') return true;
  const groups = mode.split(',').map((option) => modes.findIndex((group) => group.includes(option)));
  return !groups.includes(-1) && new Set(groups).size === groups.length;
}
