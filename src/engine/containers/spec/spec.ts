/**
 * A container's record turned into the runtime's config.json, with Docker's defaults. Called by start, after the root is
 * mounted and the network connected. The runtime makes the working directory and the mount points, inside the root.
 * https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config.md
 */
import { maskedPaths, networkSysctls, readonlyPaths } from '../../../oci/runtime/defaults.ts';
import type { RuntimeLinux, RuntimeNamespace, RuntimeSpec } from '../../../oci/runtime/runtime-spec.ts';
import { buildDevices } from './spec-devices.ts';
import type { SpecInput } from './spec-input.ts';
import { buildMounts } from './spec-mounts.ts';
import { buildProcess } from './spec-process.ts';
import { buildResources } from './spec-resources.ts';
import { buildSeccomp } from './spec-seccomp.ts';
import { parseSecurityOptions } from './spec-security.ts';

/**
 * Reads /etc/passwd and /etc/group in the root, never outside of it.
 * @throws InvalidError when the user is unknown in the root, or an option makes no sense.
 */
export function buildSpec(input: SpecInput): RuntimeSpec {
  const { hostConfig } = input;
  return {
    ociVersion: '1.0.2',
    process: buildProcess(input),
    root: { path: input.rootfs, readonly: hostConfig.ReadonlyRootfs ?? false },
    ...(hostConfig.UTSMode !== 'host' && { hostname: input.hostname }),
    mounts: buildMounts(input),
    ...(hostConfig.Annotations && { annotations: hostConfig.Annotations }),
    linux: buildLinux(input),
  };
}

function buildLinux(input: SpecInput): RuntimeLinux {
  const { hostConfig, host } = input;
  const { devices, rules } = buildDevices(input);
  const seccomp = buildSeccomp(input);
  const propagation = rootPropagation(input);
  return {
    namespaces: namespaces(input),
    cgroupsPath: input.cgroupsPath,
    resources: buildResources(hostConfig, host, rules),
    devices,
    sysctl: sysctls(input),
    ...(seccomp && { seccomp }),
    ...protectedPaths(input),
    ...(propagation && { rootfsPropagation: propagation }),
  };
}

function namespaces(input: SpecInput): RuntimeNamespace[] {
  const { hostConfig, joined, netnsPath } = input;
  const list: RuntimeNamespace[] = [{ type: 'mount' }];
  if (netnsPath !== undefined) list.push({ type: 'network', path: netnsPath });
  if (hostConfig.UTSMode !== 'host') list.push({ type: 'uts' });
  if (hostConfig.PidMode !== 'host') list.push(ownOrJoined('pid', joined?.pid));
  if (hostConfig.IpcMode !== 'host') list.push(ownOrJoined('ipc', joined?.ipc));
  if (hasOwnCgroupNamespace(input)) list.push({ type: 'cgroup' });
  return list;
}

function ownOrJoined(type: 'pid' | 'ipc', process: number | undefined): RuntimeNamespace {
  return process === undefined ? { type } : { type, path: `/proc/${process}/ns/${type}` };
}

/** Private by default where the unified tree rules, the host's where it does not: as docker. */
function hasOwnCgroupNamespace({ hostConfig, host }: SpecInput): boolean {
  const mode = hostConfig.CgroupnsMode || (host.cgroupVersion === 'v2' ? 'private' : 'host');
  return mode === 'private';
}

function sysctls({ hostConfig, config, netnsPath }: SpecInput): Record<string, string> {
  return {
    ...(netnsPath !== undefined && networkSysctls),
    ...(config.Domainname && hostConfig.UTSMode !== 'host' && { 'kernel.domainname': config.Domainname }),
    ...hostConfig.Sysctls,
  };
}

function protectedPaths({ hostConfig }: SpecInput): Pick<RuntimeLinux, 'maskedPaths' | 'readonlyPaths'> {
  const { unconfinedPaths } = parseSecurityOptions(hostConfig.SecurityOpt ?? []);
  if (hostConfig.Privileged || unconfinedPaths) return {};
  return {
    maskedPaths: hostConfig.MaskedPaths ?? maskedPaths,
    readonlyPaths: hostConfig.ReadonlyPaths ?? readonlyPaths,
  };
}

/** A shared or slave mount needs a root that lets events through. */
function rootPropagation({ mounts }: SpecInput): string | undefined {
  const modes = mounts.map((mount) => mount.propagation ?? '');
  if (modes.some((mode) => mode.endsWith('shared'))) return 'shared';
  if (modes.some((mode) => mode.endsWith('slave'))) return 'rslave';
  return undefined;
}
