/** The order is all that changes. */
import { expect, test } from 'bun:test';
import { parseSeccompProfile, seccompFor } from './seccomp.ts';
import { highestFirst } from './seccomp-order.ts';

const profile = parseSeccompProfile(
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      { names: ['read', 'clone'], action: 'SCMP_ACT_ALLOW' },
      { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
      { name: 'personality', action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0, op: 'SCMP_CMP_EQ' }] },
      { name: 'personality', action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }] },
    ],
  }),
);
const numbers: Record<string, number> = { read: 0, clone: 56, personality: 135, mount: 165 };

test('the highest number comes first, and the rules of one call keep their order', () => {
  const { syscalls } = highestFirst(profile, (name) => numbers[name] ?? 0);
  expect(syscalls?.map(({ names, args }) => [names?.[0], args?.[0]?.value])).toEqual([
    ['mount', undefined],
    ['personality', 0],
    ['personality', 8],
    ['clone', undefined],
    ['read', undefined],
  ]);
});

test('a rule that was split keeps its conditions', () => {
  const target = { capabilities: [], architecture: 'amd64', kernel: [6, 1] } as const;
  const { syscalls } = seccompFor(
    highestFirst(profile, (name) => numbers[name] ?? 0),
    target,
  );
  expect(syscalls.flatMap(({ names }) => names)).toEqual(['personality', 'personality', 'clone', 'read']);
});
