/** `--device`, `--device-cgroup-rule` and all of /dev for `--privileged`. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceMapping } from '../../../engine-api/types.ts';
import { errnoOf, InvalidError } from '../../../lib/errors.ts';
import { defaultDeviceRules } from '../../../oci/runtime/defaults.ts';
import type { DeviceRule, RuntimeDevice } from '../../../oci/runtime/runtime-spec.ts';
import type { SpecInput } from './spec-input.ts';

export interface DeviceAccess {
  readonly devices: readonly RuntimeDevice[];
  readonly rules: readonly DeviceRule[];
}

/** Not devices of the host, or made anew in every container. */
const skipped = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev', 'console']);

/** @throws InvalidError when something named is no device, or a rule cannot be read. */
export function buildDevices({ hostConfig }: Pick<SpecInput, 'hostConfig'>): DeviceAccess {
  if (hostConfig.Privileged) {
    return { devices: devicesBelow('/dev', '/dev'), rules: [{ allow: true, access: 'rwm' }] };
  }
  const mapped = (hostConfig.Devices ?? []).map(mapDevice);
  return {
    devices: mapped.flatMap((access) => access.devices),
    rules: [
      ...defaultDeviceRules,
      ...mapped.flatMap((access) => access.rules),
      ...(hostConfig.DeviceCgroupRules ?? []).map(parseDeviceRule),
    ],
  };
}

/** Major and minor of a device node, for limits per device. @throws InvalidError */
export function deviceNumbers(path: string): { major: number; minor: number } {
  const device = readDevice(path, path);
  if (!device) throw new InvalidError(`not a device node: ${path}`);
  return { major: device.major, minor: device.minor };
}

function mapDevice(mapping: DeviceMapping): DeviceAccess {
  const host = mapping.PathOnHost ?? '';
  const path = mapping.PathInContainer || host;
  const access = mapping.CgroupPermissions || 'rwm';
  if (!/^[rwm]{1,3}$/.test(access)) throw new InvalidError(`invalid device mode: ${access}`);
  const devices = gatherDevices(host, path);
  return {
    devices,
    rules: devices.map(({ type, major, minor }) => ({
      allow: true,
      type: type === 'p' ? 'c' : type,
      major,
      minor,
      access,
    })),
  };
}

/** One device, or all of a directory. */
function gatherDevices(host: string, path: string): RuntimeDevice[] {
  const refuse = (reason: string): never => {
    throw new InvalidError(
      `error gathering device information while adding custom device "${host}": ${reason}`,
    );
  };
  try {
    const resolved = realpathSync(host);
    if (statSync(resolved).isDirectory()) return devicesBelow(resolved, path);
    return [readDevice(resolved, path) ?? refuse('not a device node')];
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return refuse('no such file or directory');
    throw error;
  }
}

function devicesBelow(host: string, path: string): RuntimeDevice[] {
  return readdirSync(host, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const [from, to] = [join(host, entry.name), join(path, entry.name)];
    if (entry.isDirectory()) return devicesBelow(from, to);
    const isNode = entry.isCharacterDevice() || entry.isBlockDevice();
    const device = isNode ? readDevice(from, to) : undefined;
    return device ? [device] : [];
  });
}

function readDevice(host: string, path: string): RuntimeDevice | undefined {
  const status = statSync(host);
  if (!status.isCharacterDevice() && !status.isBlockDevice()) return undefined;
  return {
    type: status.isBlockDevice() ? 'b' : 'c',
    path,
    ...splitDeviceNumber(status.rdev),
    fileMode: status.mode & 0o7777,
    uid: status.uid,
    gid: status.gid,
  };
}

/** glibc's layout of dev_t: minor in bits 0-7 and 20-31, major in 8-19 (and above 32, unused by Linux). */
function splitDeviceNumber(device: number): { major: number; minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}

/** `c 42:* rmw`. @throws InvalidError */
export function parseDeviceRule(rule: string): DeviceRule {
  const match = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(rule);
  const [, type, major, minor, access] = match ?? [];
  if ((type !== 'a' && type !== 'b' && type !== 'c') || access === undefined) {
    throw new InvalidError(`invalid device cgroup rule format: '${rule}'`);
  }
  return {
    allow: true,
    type,
    ...(major !== '*' && { major: Number(major) }),
    ...(minor !== '*' && { minor: Number(minor) }),
    access,
  };
}
