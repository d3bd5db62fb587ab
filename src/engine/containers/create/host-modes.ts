/** Whose namespaces a container has, and what it is confined by: refused at create where the words mean nothing. Pure. */
import type { ContainerConfig, HostConfig } from '../../../engine-api/types.ts';
import { ConflictError, InvalidError } from '../../../lib/errors.ts';
import { parseSeccompProfile } from '../../../oci/runtime/seccomp.ts';
import { parseDeviceRule } from '../spec/spec-devices.ts';
import { containerCapabilities } from '../spec/spec-process.ts';
import type { HostFacts } from '../spec/spec-input.ts';
import { parseSecurityOptions } from '../spec/spec-security.ts';

interface ModeRule {
  readonly field: 'IpcMode' | 'PidMode' | 'UTSMode' | 'UsernsMode' | 'CgroupnsMode';
  readonly valid: RegExp;
  readonly noun: string;
}

const rules: readonly ModeRule[] = [
  { field: 'IpcMode', valid: /^(|none|private|shareable|host|container:.+)$/, noun: 'IPC mode' },
  { field: 'PidMode', valid: /^(|host|container:.+)$/, noun: 'PID mode' },
  { field: 'UTSMode', valid: /^(|host)$/, noun: 'UTS mode' },
  { field: 'UsernsMode', valid: /^(|host)$/, noun: 'userns mode' },
  { field: 'CgroupnsMode', valid: /^(|private|host)$/, noun: 'cgroup namespace mode' },
];

/** @throws InvalidError in docker's words. */
export function validateModes(config: HostConfig): void {
  for (const { field, valid, noun } of rules) {
    const mode = config[field] ?? '';
    if (!valid.test(mode)) throw new InvalidError(`invalid ${noun}: ${mode}`);
  }
  if (config.Isolation && config.Isolation !== 'default') {
    throw new InvalidError(`invalid isolation (${config.Isolation}) on linux`);
  }
  if (Object.keys(config.StorageOpt ?? {}).length > 0) {
    throw new InvalidError("--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
  }
  if ('' in (config.Annotations ?? {})) {
    throw new InvalidError('invalid Annotations: the empty string is not permitted as an annotation key');
  }
}

/** @throws InvalidError in docker's words. */
export function validateConfinement(config: HostConfig, host: HostFacts): void {
  const { seccomp } = parseSecurityOptions(config.SecurityOpt ?? []);
  if (seccomp !== 'unconfined' && seccomp !== 'builtin') parseSeccompProfile(seccomp);
  containerCapabilities({ hostConfig: config, host });
  for (const rule of config.DeviceCgroupRules ?? []) parseDeviceRule(rule);
}

/** @throws InvalidError in docker's words, naming what contradicts what. */
export function validateConfig(config: ContainerConfig, hostConfig: HostConfig): void {
  if (config.Hostname && hostConfig.UTSMode === 'host') {
    throw new InvalidError('conflicting options: hostname and the UTS mode');
  }
  if (config.WorkingDir && !config.WorkingDir.startsWith('/')) {
    throw new InvalidError(
      `the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`,
    );
  }
  for (const variable of config.Env ?? []) {
    if (variable === '' || variable.startsWith('=')) {
      throw new InvalidError(`invalid environment variable: ${variable}`);
    }
  }
}

/** @throws ConflictError when its /dev/shm is its own alone. */
export function assertShareable(mode: string | undefined, id: string): void {
  if (mode === 'shareable' || mode === 'host') return;
  throw new ConflictError(
    `can't join IPC of container ${id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
  );
}
