/** The hidden children of the engine: parts of it that run as processes of their own. */
import { runDiffChild } from '../engine/snapshots/diff-child.ts';
import { runUnpackChild } from '../engine/snapshots/unpack-child.ts';

export async function unpack(): Promise<never> {
  process.exit(await runUnpackChild());
}

export async function diff(): Promise<never> {
  process.exit(await runDiffChild());
}
