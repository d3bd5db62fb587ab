/** x32, the 32-bit ABI on x86_64 that hardly any kernel offers: asked of the kernel itself by a call that has no effect. */
import { dlopen } from 'bun:ffi';
import { readFileSync } from 'node:fs';

const x32Bit = 0x4000_0000;
const getpidNumber = 39;

/**
 * False on other architectures, too. True where it can't be found out: under a seccomp filter (an engine inside a container)
 * the call itself might be the end of the process.
 */
export function mayRunX32(): boolean {
  if (process.arch !== 'x64') return false;
  if (!/^Seccomp:\s*0$/m.test(readFileSync('/proc/self/status', 'utf8'))) return true;
  const library = dlopen('libc.so.6', { syscall: { args: ['i64'], returns: 'i64' } });
  const answer = library.symbols.syscall(x32Bit + getpidNumber);
  library.close();
  return Number(answer) === process.pid;
}
