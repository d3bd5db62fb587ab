/**
 * Seccomp profiles: the file that docker, podman and containers-common share (rules for some architectures, capabilities
 * and kernels) turned into the rules for one container, as the runtime wants them.
 * https://docs.docker.com/engine/security/seccomp/
 */
import { z } from 'zod';
import { InvalidError } from '../../lib/errors.ts';
import type { RuntimeSeccomp, SeccompRule } from './runtime-spec.ts';

const filterSchema = z
  .object({
    caps: z.array(z.string()).nullish(),
    arches: z.array(z.string()).nullish(),
    minKernel: z.string().nullish(),
  })
  .nullish();

const argumentSchema = z.object({
  index: z.number().int().min(0).max(5),
  value: z.number(),
  valueTwo: z.number().optional(),
  op: z.string(),
});

const ruleSchema = z.object({
  name: z.string().optional(),
  names: z.array(z.string()).nullish(),
  action: z.string(),
  errnoRet: z.number().nullish(),
  args: z.array(argumentSchema).nullish(),
  includes: filterSchema,
  excludes: filterSchema,
});

const profileSchema = z.object({
  defaultAction: z.string(),
  defaultErrnoRet: z.number().nullish(),
  architectures: z.array(z.string()).nullish(),
  archMap: z
    .array(z.object({ architecture: z.string(), subArchitectures: z.array(z.string()).nullish() }))
    .nullish(),
  flags: z.array(z.string()).nullish(),
  syscalls: z.array(ruleSchema).nullish(),
});

export type SeccompProfile = z.infer<typeof profileSchema>;
type Filter = z.infer<typeof filterSchema>;
type Rule = z.infer<typeof ruleSchema>;

/** What a profile's conditions are about. */
export interface SeccompTarget {
  readonly capabilities: readonly string[];
  /** Go's name of it, as image configurations have it: amd64, arm64. */
  readonly architecture: string;
  /** The running kernel, major and minor. */
  readonly kernel: readonly [number, number];
}

/** @throws InvalidError when the text is no profile. */
export function parseSeccompProfile(text: string): SeccompProfile {
  try {
    return profileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InvalidError('Decoding seccomp profile failed: not a profile in JSON', { cause });
  }
}

/**
 * The same without an architecture that the kernel does not run anyway. The runtime compiles every rule once per architecture,
 * at each start: one of three less saves a container about 5 ms.
 */
export function withoutArchitecture(profile: SeccompProfile, name: string): SeccompProfile {
  const archMap = (profile.archMap ?? []).map((entry) => ({
    ...entry,
    subArchitectures: (entry.subArchitectures ?? []).filter((candidate) => candidate !== name),
  }));
  return { ...profile, archMap };
}

/** The rules of the profile that hold for this container. */
export function seccompFor(profile: SeccompProfile, target: SeccompTarget): RuntimeSeccomp {
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet != null && { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: architectures(profile, target.architecture),
    ...(profile.flags && profile.flags.length > 0 && { flags: profile.flags }),
    syscalls: (profile.syscalls ?? []).filter((rule) => applies(rule, target)).map(toRuntimeRule),
  };
}

function applies(rule: Rule, target: SeccompTarget): boolean {
  return included(rule.includes, target) && !excluded(rule.excludes, target);
}

/** All of the capabilities, one of the architectures, and a kernel not older. */
function included(filter: Filter, target: SeccompTarget): boolean {
  const { caps, arches, minKernel } = filter ?? {};
  if (caps && !caps.every((name) => target.capabilities.includes(name))) return false;
  if (arches && arches.length > 0 && !arches.includes(target.architecture)) return false;
  return !minKernel || atLeast(target.kernel, minKernel);
}

/** One match is enough to leave the rule out. */
function excluded(filter: Filter, target: SeccompTarget): boolean {
  const { caps, arches, minKernel } = filter ?? {};
  if (caps?.some((name) => target.capabilities.includes(name))) return true;
  if (arches?.includes(target.architecture)) return true;
  return Boolean(minKernel) && atLeast(target.kernel, minKernel ?? '');
}

function atLeast([major, minor]: readonly [number, number], wanted: string): boolean {
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function toRuntimeRule(rule: Rule): SeccompRule {
  return {
    names: rule.names ?? (rule.name === undefined ? [] : [rule.name]),
    action: rule.action,
    ...(rule.errnoRet != null && { errnoRet: rule.errnoRet }),
    ...(rule.args &&
      rule.args.length > 0 && {
        args: rule.args.map((argument) => ({ ...argument, valueTwo: argument.valueTwo ?? 0 })),
      }),
  };
}

const nativeNames: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  arm: 'SCMP_ARCH_ARM',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  riscv64: 'SCMP_ARCH_RISCV64',
  s390x: 'SCMP_ARCH_S390X',
};

/** The machine's own architecture and those it runs besides (x86 on x86_64); a profile's own list wins. */
function architectures(profile: SeccompProfile, architecture: string): string[] {
  if (profile.architectures && profile.architectures.length > 0) return profile.architectures;
  const native = nativeNames[architecture];
  if (native === undefined) return [];
  const entry = profile.archMap?.find((candidate) => candidate.architecture === native);
  return [native, ...(entry?.subArchitectures ?? [])];
}
