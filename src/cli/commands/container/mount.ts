/** `--mount type=bind,source=/a,target=/b,readonly` and `-v /a:/b:ro`. https://docs.docker.com/engine/storage/ */
import type { Mount } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { parseBytes } from '../../quantities.ts';
import { splitOnce } from './create-values.ts';

/** Mutable while it is being filled from its fields. */
interface Draft extends Mount {
  BindOptions?: NonNullable<Mount['BindOptions']>;
  VolumeOptions?: NonNullable<Mount['VolumeOptions']>;
  TmpfsOptions?: NonNullable<Mount['TmpfsOptions']>;
}

/** @throws InvalidError in docker's words. */
export function parseMount(text: string): Mount {
  const mount: Draft = { Type: 'volume' };
  for (const field of splitFields(text)) {
    const [name, value] = splitOnce(field, '=');
    takeField(mount, name.toLowerCase().trim(), value, field);
  }
  if (mount.Target === undefined || mount.Target === '') throw new InvalidError('target is required');
  if (mount.Type === 'bind' && mount.Source?.startsWith('.') === true)
    mount.Source = resolvePath(mount.Source);
  return mount;
}

/** Commas separate, double quotes protect: one line of CSV. */
export function splitFields(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|,)((?:"[^"]*"|[^,])*)/g)].map(([, field = '']) => field.replaceAll('"', ''));
}

function takeField(mount: Draft, name: string, value: string | undefined, field: string): void {
  if (value === undefined && !['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive'].includes(name)) {
    throw new InvalidError(`invalid field '${field}' must be a key=value pair`);
  }
  const isOn = value === undefined || value === 'true' || value === '1';
  switch (name) {
    case 'type':
      mount.Type = (value ?? '').toLowerCase() as NonNullable<Mount['Type']>;
      return;
    case 'source':
    case 'src':
      mount.Source = value;
      return;
    case 'target':
    case 'dst':
    case 'destination':
      mount.Target = value;
      return;
    case 'readonly':
    case 'ro':
      mount.ReadOnly = isOn;
      return;
    default:
      takeOption(mount, name, value ?? '', isOn, field);
  }
}

function takeOption(mount: Draft, name: string, value: string, isOn: boolean, field: string): void {
  const bind = (options: Draft['BindOptions']) => (mount.BindOptions = { ...mount.BindOptions, ...options });
  const volume = (options: Draft['VolumeOptions']) =>
    (mount.VolumeOptions = { ...mount.VolumeOptions, ...options });
  const tmpfs = (options: Draft['TmpfsOptions']) =>
    (mount.TmpfsOptions = { ...mount.TmpfsOptions, ...options });
  const [key, setting = ''] = splitOnce(value, '=');
  const driver = mount.VolumeOptions?.DriverConfig;
  if (name === 'consistency') mount.Consistency = value;
  else if (name === 'bind-propagation') bind({ Propagation: value.toLowerCase() as never });
  else if (name === 'bind-nonrecursive') bind({ NonRecursive: isOn });
  else if (name === 'bind-recursive') bind({ NonRecursive: value === 'disabled' });
  else if (name === 'volume-subpath') volume({ Subpath: value });
  else if (name === 'volume-nocopy') volume({ NoCopy: isOn });
  else if (name === 'volume-label') volume({ Labels: { ...mount.VolumeOptions?.Labels, [key]: setting } });
  else if (name === 'volume-driver') volume({ DriverConfig: { ...driver, Name: value } });
  else if (name === 'volume-opt') {
    volume({ DriverConfig: { ...driver, Options: { ...driver?.Options, [key]: setting } } });
  } else if (name === 'tmpfs-size') tmpfs({ SizeBytes: parseBytes(value) });
  else if (name === 'tmpfs-mode') tmpfs({ Mode: Number.parseInt(value, 8) });
  else throw new InvalidError(`unknown option '${name}' in '${field}'`);
}

export interface Volumes {
  /** `source:target[:mode]`, as HostConfig.Binds wants it. */
  readonly binds: readonly string[];
  /** Targets that get a volume without a name. */
  readonly anonymous: readonly string[];
}

/** Sorts -v: with a source it is a bind or a named volume, without one an anonymous volume. */
export function sortVolumes(texts: readonly string[]): Volumes {
  const isBind = (text: string) => text.includes(':');
  return { binds: texts.filter(isBind).map(absolute), anonymous: texts.filter((text) => !isBind(text)) };
}

/** A source that begins with a dot is relative to where the command is typed. */
function absolute(bind: string): string {
  const [source, rest] = splitOnce(bind, ':');
  return source.startsWith('.') ? `${resolvePath(source)}:${rest ?? ''}` : bind;
}

function resolvePath(path: string): string {
  return process.getBuiltinModule('node:path').resolve(path);
}
