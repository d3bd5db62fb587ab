/** The system calls that a container's processes may make: of its first one as of every exec. */
import type { RuntimeSeccomp } from '../../../oci/runtime/runtime-spec.ts';
import { parseSeccompProfile, seccompFor } from '../../../oci/runtime/seccomp.ts';
import type { SpecInput } from './spec-input.ts';
import { containerCapabilities } from './spec-process.ts';
import { parseSecurityOptions } from './spec-security.ts';

/** Undefined for no restriction. @throws InvalidError when the request's own profile is none. */
export function buildSeccomp(input: SpecInput): RuntimeSeccomp | undefined {
  const { hostConfig, host } = input;
  const { seccomp } = parseSecurityOptions(hostConfig.SecurityOpt ?? []);
  if (seccomp === 'unconfined' || (hostConfig.Privileged && seccomp === 'builtin')) return undefined;
  const profile = seccomp === 'builtin' ? host.seccompProfile : parseSeccompProfile(seccomp);
  if (!profile) return undefined;
  const { architecture, kernel } = host;
  return seccompFor(profile, { capabilities: containerCapabilities(input), architecture, kernel });
}
