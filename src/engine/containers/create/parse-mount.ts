/** One entry of HostConfig.Mounts (`--mount`), checked and read as docker does. Pure: what exists is asked later. */
import type { Mount } from '../../../engine-api/types.ts';
import { InvalidError, messageOf } from '../../../lib/errors.ts';
import type { MountManner } from '../mounts/container-mount.ts';
import { assertAbsolute, assertNotRoot, cleanPath, isLocalPath } from './mount-path.ts';

export interface MountRequest {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image';
  /** A host path, a volume's or an image's name, or empty: for an anonymous volume and a tmpfs. */
  readonly source: string;
  /** Absolute, clean. */
  readonly target: string;
  /** The text of the options, as inspect shows it. */
  readonly mode: string;
  readonly readonly: boolean;
  /** Empty for what is not a bind. */
  readonly propagation: string;
  /** A volume's driver; empty for the default one. */
  readonly driver: string;
  /** An empty volume is filled with what the image has there. */
  readonly copy: boolean;
  /** Of a volume that is made for this; undefined where none were given. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly options: Readonly<Record<string, string>> | undefined;
  readonly manner: MountManner;
}

export const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
export const defaultPropagation = 'rprivate';

/** @throws InvalidError in docker's words. */
export function parseMount(mount: Mount): MountRequest {
  try {
    validate(mount);
  } catch (error) {
    throw new InvalidError(
      `invalid mount config for type ${JSON.stringify(mount.Type ?? '')}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  const { Type: type, Target: target = '', VolumeOptions: volume } = mount;
  const source = mount.Source ?? '';
  return {
    type: type as MountRequest['type'],
    source: type === 'bind' ? cleanPath(source) : source,
    target: cleanPath(target),
    mode: '',
    readonly: type === 'image' || (mount.ReadOnly ?? false),
    propagation: propagationOf(mount),
    driver: volume?.DriverConfig?.Name ?? '',
    copy: volume?.NoCopy !== true,
    labels: volume?.Labels ?? undefined,
    options: volume?.DriverConfig?.Options ?? undefined,
    manner: mannerOf(mount),
  };
}

function validate(mount: Mount): void {
  refuseOthersOptions(mount);
  if (!mount.Target) throw new InvalidError('field Target must not be empty');
  assertNotRoot(mount.Target);
  assertAbsolute(mount.Target);
  switch (mount.Type) {
    case 'bind':
      validateBind(mount);
      break;
    case 'volume':
      if (!mount.VolumeOptions?.Subpath) break;
      if (!mount.Source) throw new InvalidError('must not set Subpath when using anonymous volumes');
      requireLocal(mount.VolumeOptions.Subpath);
      break;
    case 'tmpfs':
      if (mount.Source) throw new InvalidError('field Source must not be specified');
      tmpfsOptionsOf(mount);
      break;
    case 'image':
      if (!mount.Source) throw new InvalidError('field Source must not be empty');
      if (mount.ImageOptions?.Subpath) requireLocal(mount.ImageOptions.Subpath);
      break;
    default:
      throw new InvalidError('mount type unknown');
  }
}

/** Options of another type would be ignored: a sign that something else was meant. */
function refuseOthersOptions(mount: Mount): void {
  const owners = {
    BindOptions: 'bind',
    VolumeOptions: 'volume',
    ImageOptions: 'image',
    TmpfsOptions: 'tmpfs',
  };
  for (const [field, type] of Object.entries(owners)) {
    if (mount.Type !== type && mount[field as keyof typeof owners] != null) {
      throw new InvalidError(`field ${field} must not be specified`);
    }
  }
}

function validateBind({ Source: source, BindOptions: options, ReadOnly: readonly }: Mount): void {
  if (!source) throw new InvalidError('field Source must not be empty');
  if (options?.Propagation && !propagations.includes(options.Propagation)) {
    throw new InvalidError(`invalid propagation mode: ${options.Propagation}`);
  }
  assertAbsolute(source);
  const { ReadOnlyNonRecursive: top, ReadOnlyForceRecursive: force } = options ?? {};
  if (top && force) {
    throw new InvalidError(
      'mount options conflict: ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive',
    );
  }
  if (readonly || (!top && !force)) return;
  const field = top ? 'ReadOnlyNonRecursive' : 'ReadOnlyForceRecursive';
  throw new InvalidError(`mount options conflict: !ReadOnly && BindOptions.${field}`);
}

function requireLocal(subpath: string): void {
  if (!isLocalPath(subpath)) throw new InvalidError('subpath must be a relative path within the volume');
}

/** Docker takes no others by the API; `--tmpfs` has them all. */
const tmpfsFlags = ['exec', 'noexec'];

function tmpfsOptionsOf({ TmpfsOptions: options }: Mount): string[] {
  const given = (options?.Options ?? []).map((option) => {
    if (option.length < 1 || option.length > 2) throw new InvalidError('invalid option array length');
    if (!tmpfsFlags.includes(option[0] ?? '')) throw new InvalidError(`invalid option: ${option[0]}`);
    return option.join('=');
  });
  return [
    ...(options?.Mode ? [`mode=${options.Mode.toString(8)}`] : []),
    ...(options?.SizeBytes ? [`size=${options.SizeBytes}`] : []),
    ...given,
  ];
}

function propagationOf({ Type: type, BindOptions: options }: Mount): string {
  if (type === 'image') return defaultPropagation;
  return type === 'bind' ? options?.Propagation || defaultPropagation : '';
}

function mannerOf(mount: Mount): MountManner {
  const { Type: type, BindOptions: bind } = mount;
  const subpath = mount.VolumeOptions?.Subpath || mount.ImageOptions?.Subpath;
  return {
    ...(bind?.CreateMountpoint && { createSource: true }),
    ...(bind?.Propagation && { propagationGiven: true }),
    ...(bind?.NonRecursive && { nonRecursive: true }),
    ...(bind?.ReadOnlyNonRecursive && { readonlyReach: 'top' }),
    ...(bind?.ReadOnlyForceRecursive && { readonlyReach: 'required' }),
    ...(subpath && { subpath }),
    ...(type === 'volume' && !mount.Source && { anonymous: true }),
    ...(type === 'tmpfs' && { tmpfs: tmpfsOptionsOf(mount) }),
  };
}
