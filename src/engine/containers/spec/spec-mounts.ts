/** Everything mounted into a container, in order: the kernel's file systems, then the user's by depth, then the network's files. */
import { InvalidError } from '../../../lib/errors.ts';
import { defaultMounts, defaultShmSize } from '../../../oci/runtime/defaults.ts';
import type { RuntimeMount } from '../../../oci/runtime/runtime-spec.ts';
import type { SpecInput, SpecMount } from './spec-input.ts';
import { initDestination } from './spec-process.ts';
import { tmpfsOptions } from './tmpfs-options.ts';

/** Stay writable under --read-only: they are the kernel's or in memory. */
const writableAnyway = new Set(['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue']);

/** @throws InvalidError when a tmpfs option is unknown. */
export function buildMounts(input: SpecInput): RuntimeMount[] {
  const own = [...userMounts(input), ...tmpfsMounts(input)].toSorted(byDepth);
  const taken = new Set(own.map((mount) => mount.destination));
  const kernel = kernelMounts(input).filter((mount) => !isCovered(mount.destination, taken));
  const files = fileMounts(input).filter((mount) => !taken.has(mount.destination));
  return [...kernel, ...files, ...own];
}

/** A user's own mount replaces the default one; a /dev of one's own replaces all below it, too. */
function isCovered(destination: string, taken: ReadonlySet<string>): boolean {
  return taken.has(destination) || (taken.has('/dev') && destination.startsWith('/dev/'));
}

function kernelMounts(input: SpecInput): RuntimeMount[] {
  const { Privileged: privileged, ReadonlyRootfs: readonly } = input.hostConfig;
  const mounts = [...defaultMounts, ...shmMount(input)];
  return mounts.map((mount) => {
    if (privileged && (mount.type === 'sysfs' || mount.type === 'cgroup')) return writable(mount);
    if (readonly && !writableAnyway.has(mount.destination)) return readOnly(mount);
    return mount;
  });
}

/** /dev/shm: one's own by default, that of the host or of another with --ipc, none with --ipc none. */
function shmMount({ hostConfig, shmPath }: SpecInput): RuntimeMount[] {
  const destination = '/dev/shm';
  const flags = ['nosuid', 'noexec', 'nodev'];
  if (hostConfig.IpcMode === 'none') return [];
  if (shmPath !== undefined) {
    return [{ destination, type: 'bind', source: shmPath, options: ['rbind', ...flags] }];
  }
  const size = hostConfig.ShmSize || defaultShmSize;
  return [{ destination, type: 'tmpfs', source: 'shm', options: [...flags, 'mode=1777', `size=${size}`] }];
}

function userMounts({ mounts, host }: SpecInput): RuntimeMount[] {
  return mounts.map((mount) =>
    mount.type === 'bind'
      ? bindMount(mount, host.kernel)
      : tmpfsMount(mount.destination, [...(mount.options ?? []), ...(mount.readonly ? ['ro'] : [])]),
  );
}

function tmpfsMounts({ hostConfig }: SpecInput): RuntimeMount[] {
  return Object.entries(hostConfig.Tmpfs ?? {}).map(([destination, options]) =>
    tmpfsMount(destination, options.split(',')),
  );
}

function tmpfsMount(destination: string, options: readonly string[]): RuntimeMount {
  if (!destination.startsWith('/')) {
    throw new InvalidError(`invalid mount path: '${destination}' mount path must be absolute`);
  }
  return { destination, type: 'tmpfs', source: 'tmpfs', options: tmpfsOptions(options) };
}

function bindMount(mount: SpecMount, kernel: readonly [number, number]): RuntimeMount {
  const options = [
    mount.nonRecursive === true ? 'bind' : 'rbind',
    ...(mount.readonly ? [readonlyFlag(mount, kernel)] : []),
    mount.propagation || 'rprivate',
  ];
  return { destination: mount.destination, type: 'bind', source: mount.source, options };
}

/** Read-only holds for what is mounted below the source as well, where the kernel can do so (5.12 and later). */
function readonlyFlag({ readonlyReach }: SpecMount, [major, minor]: readonly [number, number]): string {
  const isAble = major > 5 || (major === 5 && minor >= 12);
  if (readonlyReach === 'required' && !isAble) {
    throw new InvalidError(
      `recursively read-only mounts need Linux 5.12 or newer, and this is ${major}.${minor}`,
    );
  }
  return isAble && readonlyReach !== 'top' ? 'rro' : 'ro';
}

/** resolv.conf, hostname and hosts belong to the network; --init brings its program along. */
function fileMounts({ files, hostConfig, host }: SpecInput): RuntimeMount[] {
  const access = hostConfig.ReadonlyRootfs ? ['ro'] : [];
  const bind = (source: string, destination: string, options: readonly string[]): RuntimeMount => ({
    destination,
    type: 'bind',
    source,
    options: ['rbind', ...options, 'rprivate'],
  });
  return [
    bind(files.resolvConf, '/etc/resolv.conf', access),
    bind(files.hostname, '/etc/hostname', access),
    bind(files.hosts, '/etc/hosts', access),
    ...(hostConfig.Init && host.initPath !== undefined ? [bind(host.initPath, initDestination, ['ro'])] : []),
  ];
}

function byDepth(a: RuntimeMount, b: RuntimeMount): number {
  return a.destination.split('/').length - b.destination.split('/').length;
}

function writable(mount: RuntimeMount): RuntimeMount {
  return { ...mount, options: mount.options.filter((option) => option !== 'ro') };
}

function readOnly(mount: RuntimeMount): RuntimeMount {
  return mount.options.includes('ro') ? mount : { ...mount, options: [...mount.options, 'ro'] };
}
