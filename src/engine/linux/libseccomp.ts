/** The numbers of system calls, from the library that runc uses: https://github.com/seccomp/libseccomp */
import { dlopen } from 'bun:ffi';

/** Behind every known call. */
const unknownNumber = 9999;

/**
 * Looks up the sum of a call's numbers on some architectures (`SCMP_ARCH_X86_64`, …).
 * @returns what `use` makes of it; undefined where the library is not installed.
 */
export function withSyscallNumbers<Result>(
  architectures: readonly string[],
  use: (numberOf: (name: string) => number) => Result,
): Result | undefined {
  const library = openLibrary();
  if (!library) return undefined;
  const { seccomp_arch_resolve_name: architecture, seccomp_syscall_resolve_name_arch: number } =
    library.symbols;
  try {
    const tokens = architectures.map((name) =>
      architecture(cString(name.replace('SCMP_ARCH_', '').toLowerCase())),
    );
    return use((name) => {
      const text = cString(name);
      // Below 0: not a call of this architecture, or not known at all.
      const numbers = tokens.map((token) => number(token, text)).map((n) => (n < 0 ? unknownNumber : n));
      return numbers.reduce((sum, n) => sum + n, 0);
    });
  } finally {
    library.close();
  }
}

function openLibrary() {
  try {
    return dlopen('libseccomp.so.2', {
      seccomp_arch_resolve_name: { args: ['ptr'], returns: 'u32' },
      seccomp_syscall_resolve_name_arch: { args: ['u32', 'ptr'], returns: 'i32' },
    });
  } catch {
    return undefined;
  }
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
