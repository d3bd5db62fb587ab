/** How to start this program again: the engine and `up` run parts of it as children. */

/** The compiled program is one file; from source it is Bun and cais.ts. */
export const self: readonly string[] = import.meta.url.includes('/$bunfs/')
  ? [process.execPath]
  : [process.execPath, `${import.meta.dir}/cais.ts`];
