/**
 * A container's seccomp rules as the kernel takes them, by the library that its runtime uses, so that the two agree.
 * Compiling takes some 10 ms: the engine does it once for each set of rules.
 * https://github.com/seccomp/libseccomp (doc/man/man3), https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config-linux.md#seccomp
 */
import { dlopen } from 'bun:ffi';
import { closeSync, readFileSync, rmSync } from 'node:fs';
import { mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '../../lib/errors.ts';
import type { RuntimeSeccomp, SeccompRule } from '../../oci/runtime/runtime-spec.ts';
import { cString } from '../linux/libc.ts';

type Library = ReturnType<typeof openLibrary>;

const EEXIST = 17;
const ENOSYS = 38;
const unknownCall = -1;
const SCMP_ACT_ALLOW = 0x7fff0000;
const SCMP_ACT_ERRNO = 0x00050000;
const SCMP_FLTATR_CTL_NNP = 3;
const SCMP_FLTATR_CTL_OPTIMIZE = 8;

/** enum scmp_compare */
const comparisons: Readonly<Record<string, number>> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

/**
 * True when a filter is all that the runtime would make of these rules. It adds more where unknown calls are not answered
 * with ENOSYS, and it can pass on to somebody who watches.
 */
export function isPlain(rules: RuntimeSeccomp): boolean {
  return (
    rules.defaultAction === 'SCMP_ACT_ERRNO' &&
    rules.defaultErrnoRet === ENOSYS &&
    (rules.flags ?? []).length === 0 &&
    rules.syscalls.every(({ action }) => action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_ERRNO')
  );
}

/** @returns BPF instructions. @throws UnavailableError when the library is missing or refuses the rules. */
export function compileFilter(rules: RuntimeSeccomp): Uint8Array {
  const library = openLibrary();
  const context = library.symbols.seccomp_init(SCMP_ACT_ERRNO | (rules.defaultErrnoRet ?? 1));
  if (context === null) throw new UnavailableError('cannot compile seccomp rules: libseccomp does not start');
  try {
    // Whoever installs the filter decides on no_new_privs.
    require(library.symbols.seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0), 'set an attribute');
    require(library.symbols.seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2), 'set an attribute');
    for (const name of rules.architectures ?? []) addArchitecture(library, context, name);
    for (const rule of rules.syscalls) addRule(library, context, rule, rules);
    return exportFilter(library, context);
  } finally {
    library.symbols.seccomp_release(context);
    library.close();
  }
}

function openLibrary() {
  try {
    return dlopen('libseccomp.so.2', {
      seccomp_init: { args: ['u32'], returns: 'ptr' },
      seccomp_release: { args: ['ptr'], returns: 'void' },
      seccomp_attr_set: { args: ['ptr', 'i32', 'u32'], returns: 'i32' },
      seccomp_arch_resolve_name: { args: ['ptr'], returns: 'u32' },
      seccomp_arch_add: { args: ['ptr', 'u32'], returns: 'i32' },
      seccomp_syscall_resolve_name: { args: ['ptr'], returns: 'i32' },
      seccomp_rule_add_array: { args: ['ptr', 'u32', 'i32', 'u32', 'ptr'], returns: 'i32' },
      seccomp_export_bpf: { args: ['ptr', 'i32'], returns: 'i32' },
    });
  } catch (cause) {
    throw new UnavailableError('cannot compile seccomp rules: libseccomp is not installed', { cause });
  }
}

type Context = NonNullable<ReturnType<Library['symbols']['seccomp_init']>>;

function addArchitecture(library: Library, context: Context, name: string): void {
  const short = name.replace('SCMP_ARCH_', '').toLowerCase();
  const token = library.symbols.seccomp_arch_resolve_name(cString(short));
  const result = library.symbols.seccomp_arch_add(context, token);
  // The machine's own is there from the start.
  if (result !== -EEXIST) require(result, `add architecture ${name}`);
}

function addRule(library: Library, context: Context, rule: SeccompRule, rules: RuntimeSeccomp): void {
  const action = rule.action === 'SCMP_ACT_ALLOW' ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO | (rule.errnoRet ?? 1);
  if (action === (SCMP_ACT_ERRNO | (rules.defaultErrnoRet ?? 1))) return;
  for (const name of rule.names) {
    const number = library.symbols.seccomp_syscall_resolve_name(cString(name));
    // A newer call than the library: as for the runtime, it stays refused.
    if (number === unknownCall) continue;
    for (const conditions of conditionSets(rule)) {
      const bytes = encodeConditions(conditions);
      const result = library.symbols.seccomp_rule_add_array(
        context,
        action,
        number,
        conditions.length,
        conditions.length === 0 ? null : bytes,
      );
      if (result !== -EEXIST) require(result, `add a rule for ${name}`);
    }
  }
}

type Condition = NonNullable<SeccompRule['args']>[number];

/** Conditions hold together; where two are about one argument, each is a rule of its own, as the runtime reads it. */
function conditionSets(rule: SeccompRule): readonly (readonly Condition[])[] {
  const conditions = rule.args ?? [];
  const indexes = new Set(conditions.map(({ index }) => index));
  return indexes.size === conditions.length ? [conditions] : conditions.map((condition) => [condition]);
}

/** struct scmp_arg_cmp: argument, operator, two values; 24 bytes. */
function encodeConditions(conditions: readonly Condition[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(conditions.length * 24));
  for (const [at, { index, op, value, valueTwo = 0 }] of conditions.entries()) {
    const comparison = comparisons[op];
    if (comparison === undefined) throw new UnavailableError(`cannot compile seccomp rules: unknown ${op}`);
    view.setUint32(at * 24, index, true);
    view.setUint32(at * 24 + 4, comparison, true);
    view.setBigUint64(at * 24 + 8, BigInt(value), true);
    view.setBigUint64(at * 24 + 16, BigInt(valueTwo), true);
  }
  return new Uint8Array(view.buffer);
}

/** The library writes to a descriptor only. */
function exportFilter(library: Library, context: Context): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'cais-seccomp-'));
  try {
    const path = join(directory, 'filter');
    const file = openSync(path, 'wx', 0o600);
    try {
      require(library.symbols.seccomp_export_bpf(context, file), 'export the filter');
    } finally {
      closeSync(file);
    }
    return readFileSync(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function require(result: number, what: string): void {
  if (result !== 0) throw new UnavailableError(`cannot compile seccomp rules: ${what}: errno ${-result}`);
}
