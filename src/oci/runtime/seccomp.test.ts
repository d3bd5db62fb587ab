import { describe, expect, test } from 'bun:test';
import { InvalidError } from '../../lib/errors.ts';
import { parseSeccompProfile, seccompFor, withoutArchitecture } from './seccomp.ts';

const profile = parseSeccompProfile(
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 38,
    defaultErrno: 'ENOSYS',
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] }],
    syscalls: [
      { names: ['read'], action: 'SCMP_ACT_ALLOW', args: [], comment: '', includes: {}, excludes: {} },
      { names: ['bpf'], action: 'SCMP_ACT_ALLOW', args: null, includes: { caps: ['CAP_BPF'] }, excludes: {} },
      {
        names: ['bpf'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: 1,
        errno: 'EPERM',
        args: null,
        includes: {},
        excludes: { caps: ['CAP_BPF'] },
      },
      { names: ['arm_sync'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['arm64'] } },
      { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 2_080_505_856, op: 'SCMP_CMP_MASKED_EQ' }],
      },
    ],
  }),
);

const target = { capabilities: [], architecture: 'amd64', kernel: [6, 1] as const };

function names(chosen: Partial<typeof target>): string[] {
  return seccompFor(profile, { ...target, ...chosen }).syscalls.flatMap(
    (rule) => `${rule.names.join()} ${rule.action.slice('SCMP_ACT_'.length)}`,
  );
}

describe('seccompFor()', () => {
  test('keeps the rules for this architecture, these capabilities and this kernel', () => {
    expect(names({})).toEqual(['read ALLOW', 'bpf ERRNO', 'ptrace ALLOW', 'clone ALLOW']);
  });

  test('lets capabilities and architectures switch rules', () => {
    expect(names({ capabilities: ['CAP_BPF'] as never[], architecture: 'arm64' })).toEqual([
      'read ALLOW',
      'bpf ALLOW',
      'arm_sync ALLOW',
      'ptrace ALLOW',
      'clone ALLOW',
    ]);
  });

  test('leaves out what asks for a newer kernel', () => {
    expect(names({ kernel: [4, 7] as never })).not.toContain('ptrace ALLOW');
  });

  test('names the native architecture and those it runs besides', () => {
    const { architectures } = seccompFor(profile, target);
    expect(architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']);
  });

  test('can do without an architecture', () => {
    const { architectures } = seccompFor(withoutArchitecture(profile, 'SCMP_ARCH_X32'), target);
    expect(architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']);
  });

  test('carries errno and argument conditions over, without the fields that runtimes do not know', () => {
    const { syscalls, ...rest } = seccompFor(profile, target);
    expect(rest).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38 });
    expect(syscalls[1]).toEqual({ names: ['bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 });
    expect(syscalls[3]?.args).toEqual([
      { index: 0, value: 2_080_505_856, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' },
    ]);
  });
});

test('parseSeccompProfile() refuses what is no profile', () => {
  expect(() => parseSeccompProfile('{')).toThrow(InvalidError);
  expect(() => parseSeccompProfile('{"syscalls":[]}')).toThrow(InvalidError);
});
