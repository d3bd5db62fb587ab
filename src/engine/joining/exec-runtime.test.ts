/** Which execs are joined by our own process, and which the runtime still does. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuntimeProcess, RuntimeSeccomp } from '../../oci/runtime/runtime-spec.ts';
import { Runc } from '../runtime/runc.ts';
import { type ExecPlan, ExecRuntimes } from './exec-runtime.ts';

let directory = '';
let runtimes: ExecRuntimes;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cais-exec-runtime-'));
  mkdirSync(join(directory, 'known'));
  const state = {
    init_process_pid: 42,
    init_process_start: 4242,
    cgroup_paths: { cpu: '/cgroup/cpu', cpuacct: '/cgroup/cpu', '': '/cgroup/unified' },
  };
  writeFileSync(join(directory, 'known/state.json'), JSON.stringify(state));
  runtimes = new ExecRuntimes(new Runc('/usr/sbin/runc', directory), [process.execPath, 'cais.ts']);
});
afterAll(() => {
  runtimes[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const seccomp: RuntimeSeccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 38,
  syscalls: [
    { names: ['read', 'write', 'a_call_of_the_future'], action: 'SCMP_ACT_ALLOW' },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  ],
};

const plainProcess: RuntimeProcess = {
  terminal: false,
  user: { uid: 0, gid: 0, additionalGids: [] },
  args: ['true'],
  env: [],
  noNewPrivileges: false,
  cwd: '/',
  capabilities: { bounding: [], effective: [], permitted: [] },
};

function plan(changes: Partial<ExecPlan> = {}): ExecPlan {
  return {
    containerId: 'known',
    process: plainProcess,
    seccomp,
    containerCapabilities: ['CAP_CHOWN'],
    isPrivileged: false,
    ...changes,
  };
}

test('a plain exec is ours: it is told which process to follow, and the compiled rules', () => {
  expect(runtimes.joining?.program).toBeNumber();
  expect(runtimes.joining?.arguments).toEqual(['cais.ts', '@join']);
  const request = runtimes.requestFor(plan());
  expect(request).toMatchObject({
    process: plainProcess,
    pid: 42,
    startTime: 4242,
    cgroups: ['/cgroup/cpu', '/cgroup/unified'],
    keyring: '_ses.known',
  });
  // Instructions of eight bytes.
  const filter = Buffer.from(request?.filter ?? '', 'base64');
  expect(filter.length).toBeGreaterThan(0);
  expect(filter.length % 8).toBe(0);
});

test.each<[string, Partial<ExecPlan>]>([
  [
    'limits of its own',
    { process: { ...plainProcess, rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 1 }] } },
  ],
  ['an AppArmor profile', { process: { ...plainProcess, apparmorProfile: 'docker-default' } }],
  ['rules that answer unknown calls otherwise', { seccomp: { ...seccomp, defaultErrnoRet: 1 } }],
  ['rules that allow by default', { seccomp: { ...seccomp, defaultAction: 'SCMP_ACT_ALLOW' } }],
  [
    'rules that ask somebody else',
    { seccomp: { ...seccomp, syscalls: [{ names: ['read'], action: 'SCMP_ACT_NOTIFY' }] } },
  ],
  ['processes that may look into ours', { containerCapabilities: ['CAP_SYS_PTRACE'] }],
  ['processes that may change mounts', { containerCapabilities: ['CAP_CHOWN', 'CAP_SYS_ADMIN'] }],
  ['a container that the runtime does not know', { containerId: 'unknown' }],
])('%s: the runtime does it', (_what, changes) => {
  expect(runtimes.requestFor(plan(changes))).toBeUndefined();
  expect(runtimes.runtime.program).toBe('/usr/sbin/runc');
  expect(runtimes.runtime.arguments).toContain(`--root=${directory}`);
});

test('in a privileged container there is nothing to hide from', () => {
  const changes = { containerCapabilities: ['CAP_SYS_PTRACE'], isPrivileged: true };
  expect(runtimes.requestFor(plan(changes))).toBeDefined();
});
