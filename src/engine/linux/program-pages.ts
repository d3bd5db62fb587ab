/**
 * Takes the program's own code out of resident memory. Most of what starting and a rare request have touched is not needed
 * again soon; what is comes back at its next use from the page cache, without input or output.
 */
import { dlopen } from 'bun:ffi';
import { readFileSync, readlinkSync } from 'node:fs';

export interface Mapping {
  readonly start: bigint;
  readonly length: bigint;
}

/** madvise(2): for pages of a file that nobody can have changed, no more than forgetting them. */
const dontNeed = 4;

export function releaseProgramPages(): void {
  const mappings = unchangeableMappings(
    readFileSync('/proc/self/smaps', 'utf8'),
    readlinkSync('/proc/self/exe'),
  );
  const library = dlopen('libc.so.6', {
    madvise: { args: ['u64', 'u64', 'i32'], returns: 'i32' },
  });
  for (const { start, length } of mappings) library.symbols.madvise(start, length, dontNeed);
  library.close();
}

/**
 * The parts of the file that are mapped read-only and have no page of our own: one that was written to before (relocations)
 * would be lost. https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html
 */
export function unchangeableMappings(smaps: string, program: string): Mapping[] {
  return smaps
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((text) => {
      const [head = '', ...facts] = text.split('\n');
      return (
        /^\S+ r-[x-]p /.test(head) &&
        head.endsWith(` ${program}`) &&
        facts.some((fact) => /^Anonymous:\s+0 kB$/.test(fact))
      );
    })
    .map((text) => {
      const [, from = '0', to = '0'] = /^([0-9a-f]+)-([0-9a-f]+)/.exec(text) ?? [];
      const start = BigInt(`0x${from}`);
      return { start, length: BigInt(`0x${to}`) - start };
    });
}
