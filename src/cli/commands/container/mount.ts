/** `--mount type=bind,source=/a,target=/b,readonly`. https://docs.docker.com/engine/storage/ */
import type { Mount } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { parseBytes } from '../../../lib/quantities.ts';
import { splitOnce } from './create-values.ts';
import { splitFields } from '../../../lib/csv.ts';
import { absolute } from './volume.ts';

type Draft = { -readonly [Field in keyof Mount]: Mount[Field] };

/** @throws InvalidError in docker's words. */
export function parseMount(text: string): Mount {
  const mount: Draft = { Type: 'volume' };
  for (const field of splitFields(text)) takeField(mount, field);
  requireOptionsOfItsType(mount);
  requireReadonly(mount);
  if (!mount.Target) throw new InvalidError('target is required');
  return mount;
}

/** Those that may stand alone. */
const switches = new Set(['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive']);

function takeField(mount: Draft, field: string): void {
  const [name, value] = splitOnce(field, '=');
  const key = name.toLowerCase();
  if (value === undefined && !switches.has(key)) {
    throw new InvalidError(`invalid field '${field}' must be a key=value pair`);
  }
  const take = fields[key];
  if (!take) throw new InvalidError(`unexpected key '${key}' in '${field}'`);
  take(mount, value ?? 'true', key);
}

type Take = (mount: Draft, value: string, key: string) => void;

const source: Take = (mount, value) => void (mount.Source = absolute(value));
const target: Take = (mount, value) => void (mount.Target = value);
const readonly: Take = (mount, value, key) => void (mount.ReadOnly = parseSwitch(key, value));

const fields: Readonly<Record<string, Take>> = {
  type: (mount, value) => void (mount.Type = value.toLowerCase() as NonNullable<Mount['Type']>),
  source,
  src: source,
  target,
  dst: target,
  destination: target,
  readonly,
  ro: readonly,
  consistency: (mount, value) => void (mount.Consistency = value.toLowerCase()),
  'bind-propagation': (mount, value) => bind(mount, { Propagation: value.toLowerCase() as never }),
  'bind-nonrecursive': (mount, value, key) => {
    bind(mount, { NonRecursive: parseSwitch(key, value) });
    process.stderr.write('WARNING: bind-nonrecursive is deprecated, use bind-recursive=disabled instead\n');
  },
  'bind-recursive': takeRecursive,
  'volume-subpath': (mount, value) => volume(mount, { Subpath: value }),
  'volume-nocopy': (mount, value, key) => volume(mount, { NoCopy: parseSwitch(key, value) }),
  'volume-label': (mount, value) => {
    volume(mount, { Labels: withSetting(mount.VolumeOptions?.Labels, value) });
  },
  'volume-driver': (mount, value) => driver(mount, { Name: value }),
  'volume-opt': (mount, value) => {
    driver(mount, { Options: withSetting(mount.VolumeOptions?.DriverConfig?.Options, value) });
  },
  'image-subpath': (mount, value) => {
    mount.ImageOptions = { ...mount.ImageOptions, Subpath: value };
  },
  'tmpfs-size': (mount, value, key) => tmpfs(mount, { SizeBytes: number(key, value, parseBytes) }),
  'tmpfs-mode': (mount, value, key) => tmpfs(mount, { Mode: number(key, value, parseMode) }),
};

function bind(mount: Draft, options: NonNullable<Mount['BindOptions']>): void {
  mount.BindOptions = { ...mount.BindOptions, ...options };
}

function volume(mount: Draft, options: NonNullable<Mount['VolumeOptions']>): void {
  mount.VolumeOptions = { ...mount.VolumeOptions, ...options };
}

function driver(
  mount: Draft,
  options: NonNullable<NonNullable<Mount['VolumeOptions']>['DriverConfig']>,
): void {
  volume(mount, { DriverConfig: { ...mount.VolumeOptions?.DriverConfig, ...options } });
}

function tmpfs(mount: Draft, options: NonNullable<Mount['TmpfsOptions']>): void {
  mount.TmpfsOptions = { ...mount.TmpfsOptions, ...options };
}

/** How far read-only reaches, or whether what is mounted below comes along at all. */
function takeRecursive(mount: Draft, value: string, key: string): void {
  switch (value) {
    case 'enabled':
      return;
    case 'disabled':
      return bind(mount, { NonRecursive: true });
    case 'writable':
      return bind(mount, { ReadOnlyNonRecursive: true });
    case 'readonly':
      return bind(mount, { ReadOnlyForceRecursive: true });
    default:
      throw new InvalidError(
        `invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`,
      );
  }
}

/** As Go's strconv.ParseBool. */
function parseSwitch(key: string, value: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw new InvalidError(`invalid value for ${key}: ${value}`);
}

function withSetting(settings: Record<string, string> | undefined, text: string): Record<string, string> {
  const [name, value = ''] = splitOnce(text, '=');
  return name === '' ? { ...settings } : { ...settings, [name]: value };
}

function number(key: string, value: string, read: (text: string) => number): number {
  try {
    const result = read(value);
    if (result >= 0) return result;
  } catch {
    // The message below says it.
  }
  throw new InvalidError(`invalid value for ${key}: ${value}`);
}

function parseMode(text: string): number {
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function requireOptionsOfItsType(mount: Draft): void {
  const type = mount.Type as string;
  if (type === '') throw new InvalidError('type is required');
  const given = {
    volume: mount.VolumeOptions,
    bind: mount.BindOptions,
    image: mount.ImageOptions,
    tmpfs: mount.TmpfsOptions,
  };
  for (const [owner, options] of Object.entries(given)) {
    if (options && owner !== type) {
      throw new InvalidError(`cannot mix '${owner}-*' options with mount type '${type}'`);
    }
  }
}

function requireReadonly({ BindOptions: options, ReadOnly: isReadonly }: Draft): void {
  const needs = (option: string, other: string) =>
    new InvalidError(`option 'bind-recursive=${option}' requires '${other}' to be specified in conjunction`);
  if (options?.ReadOnlyNonRecursive && !isReadonly) throw needs('writable', 'readonly');
  if (!options?.ReadOnlyForceRecursive) return;
  if (!isReadonly) throw needs('readonly', 'readonly');
  if (options.Propagation !== 'rprivate') throw needs('readonly', 'bind-propagation=rprivate');
}
