/** x32, the 32-bit ABI on x86_64 that hardly any kernel offers: asked of the kernel itself by a call that has no effect. */
import { dlopen } from 'bun:ffi';

const x32Bit = 0x4000_0000;
const getpidNumber = 39;

/** False on other architectures, too. */
export function kernelHasX32(): boolean {
  if (process.arch !== 'x64') return false;
  const library = dlopen('libc.so.6', { syscall: { args: ['i64'], returns: 'i64' } });
  const answer = library.symbols.syscall(x32Bit + getpidNumber);
  library.close();
  return Number(answer) === process.pid;
}
