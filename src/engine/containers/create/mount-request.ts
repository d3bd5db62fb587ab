/** `-v`, `--mount` and an image's VOLUMEs read into one list; what exists where is decided by mounts.ts. Pure. */
import type { ContainerConfig, HostConfig, Mount } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { normalize } from 'node:path';

export interface MountRequest {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** A host path, a volume's name, or empty for an anonymous volume. */
  readonly source: string;
  /** Absolute, normalised. */
  readonly target: string;
  /** The text of the options, as inspect shows it. */
  readonly mode: string;
  readonly readonly: boolean;
  readonly propagation: string;
  /** A bind's missing source is made (`-v`) instead of refused (`--mount`). */
  readonly createSource: boolean;
  /** An empty volume is filled with what the image has there. */
  readonly copy: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
const modes = new Set(['ro', 'rw', 'z', 'Z', 'nocopy', 'consistent', 'cached', 'delegated', ...propagations]);

/** Later ones win by target: `-v` and `--mount` over the image's. @throws InvalidError in docker's words. */
export function mountRequests(config: ContainerConfig, hostConfig: HostConfig): MountRequest[] {
  const asked = [...(hostConfig.Binds ?? []).map(parseBind), ...(hostConfig.Mounts ?? []).map(parseMount)];
  const targets = new Set<string>();
  for (const { target } of asked) {
    if (targets.has(target)) throw new InvalidError(`Duplicate mount point: ${target}`);
    targets.add(target);
  }
  for (const target of Object.keys(hostConfig.Tmpfs ?? {})) targets.add(normalizeTarget(target));
  const anonymous = Object.keys(config.Volumes ?? {})
    .map((target) => volumeAt(normalizeTarget(target)))
    .filter(({ target }) => !targets.has(target));
  return [...asked, ...anonymous];
}

function volumeAt(target: string): MountRequest {
  return { ...defaults, type: 'volume', target };
}

const defaults = {
  source: '',
  mode: '',
  readonly: false,
  propagation: '',
  createSource: false,
  copy: true,
  labels: {},
  options: {},
};

/** `source:target[:options]`, `name:target`, or `target` alone. */
export function parseBind(text: string): MountRequest {
  const [first = '', second, mode = '', ...rest] = text.split(':');
  if (rest.length > 0 || first === '') throw new InvalidError(`invalid volume specification: '${text}'`);
  if (second === undefined) return volumeAt(normalizeTarget(first));
  const target = normalizeTarget(second, text);
  if (target === '/') {
    throw new InvalidError(
      `invalid volume specification: '${text}': invalid mount config for type "bind": destination can't be '/'`,
    );
  }
  const options = mode === '' ? [] : mode.split(',');
  const unknown = options.find((option) => !modes.has(option));
  if (unknown !== undefined) throw new InvalidError(`invalid mode: ${mode}`);
  const isBind = first.startsWith('/');
  return {
    ...defaults,
    type: isBind ? 'bind' : 'volume',
    source: isBind ? normalize(first).replace(/(?<=.)\/$/, '') : first,
    target,
    mode,
    readonly: options.includes('ro'),
    propagation: isBind ? (options.find((option) => propagations.includes(option)) ?? 'rprivate') : '',
    createSource: isBind,
    copy: !options.includes('nocopy'),
  };
}

function parseMount(mount: Mount): MountRequest {
  const type = mount.Type;
  if (type !== 'bind' && type !== 'volume' && type !== 'tmpfs') {
    throw new InvalidError(
      `invalid mount config for type "${type ?? ''}": mount type unknown: "${type ?? ''}"`,
    );
  }
  if (!mount.Target)
    throw new InvalidError(`invalid mount config for type "${type}": field Target must not be empty`);
  const source = mount.Source ?? '';
  if (type === 'bind' && !source.startsWith('/')) {
    throw new InvalidError(
      source === ''
        ? 'invalid mount config for type "bind": field Source must not be empty'
        : `invalid mount config for type "bind": invalid mount path: '${source}' mount path must be absolute`,
    );
  }
  return {
    ...defaults,
    type,
    source: type === 'tmpfs' ? '' : source,
    target: normalizeTarget(mount.Target),
    readonly: mount.ReadOnly ?? false,
    propagation: type === 'bind' ? (mount.BindOptions?.Propagation ?? 'rprivate') : '',
    createSource: mount.BindOptions?.CreateMountpoint ?? false,
    copy: mount.VolumeOptions?.NoCopy !== true,
    labels: mount.VolumeOptions?.Labels ?? {},
    options: mount.VolumeOptions?.DriverConfig?.Options ?? {},
  };
}

function normalizeTarget(target: string, whole = target): string {
  if (!target.startsWith('/')) {
    throw new InvalidError(
      `invalid volume specification: '${whole}': invalid mount config for type "volume": invalid mount path: '${target}' mount path must be absolute`,
    );
  }
  const path = normalize(target);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
