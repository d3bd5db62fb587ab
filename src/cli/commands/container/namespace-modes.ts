/** `--pid`, `--uts`, `--userns`, `--cgroupns`: refused here where no engine takes them, as docker's client does. */
import { InvalidError } from '../../../lib/errors.ts';

export interface NamespaceFlags {
  readonly pid: string | undefined;
  readonly uts: string | undefined;
  readonly userns: string | undefined;
  readonly cgroupns: string | undefined;
}

/** @throws InvalidError in docker's words. */
export function checkNamespaceModes(flags: NamespaceFlags): void {
  require('pid', 'PID', isOneOf(flags.pid, ['host']) || /^container:./.test(flags.pid ?? ''));
  require('uts', 'UTS', isOneOf(flags.uts, ['host']));
  require('userns', 'USER', isOneOf(flags.userns, ['host']));
  require('cgroupns', 'CGROUP', isOneOf(flags.cgroupns, ['host', 'private']));
}

function isOneOf(mode: string | undefined, modes: readonly string[]): boolean {
  return mode === undefined || mode === '' || modes.includes(mode);
}

function require(flag: string, name: string, isValid: boolean): void {
  if (!isValid) throw new InvalidError(`--${flag}: invalid ${name} mode`);
}
