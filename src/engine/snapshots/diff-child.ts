/**
 * The process that walks a container's writable directory: to write its layer to stdout, to list its changes, or to
 * count its bytes. A process of its own, as the walk is one long row of system calls, and a commit may be of gigabytes.
 */
import { messageOf } from '../../lib/errors.ts';
import { fileTypes } from '../linux/device.ts';
import { writeFully } from '../linux/file.ts';
import { dieWithParent } from '../linux/process.ts';
import { listChanges } from './changes.ts';
import { diffLayer } from './diff-layer.ts';
import { LowerDirectory } from './lower-directory.ts';
import { OutputBuffer } from './output-buffer.ts';
import { walkUpper } from './walk-upper.ts';

export type DiffTask = 'tar' | 'changes' | 'size';

const stdout = 1;
const stderr = 2;

/** `argv`: `… @diff TASK UPPER LOWER…`, topmost layer first. @returns the exit code. */
export async function runDiffChild(argv: readonly string[] = process.argv): Promise<number> {
  const [task, upper = '', ...layers] = argv.slice(argv.indexOf('@diff') + 1);
  try {
    dieWithParent();
    runTask(task, upper, LowerDirectory.ofLayers(layers));
    return 0;
  } catch (error) {
    writeFully(stderr, Buffer.from(messageOf(error)));
    return 1;
  }
}

function runTask(task: string | undefined, upper: string, lower: LowerDirectory | undefined): void {
  if (task === 'tar') diffLayer(upper, lower, new OutputBuffer(stdout));
  else if (task === 'changes') writeFully(stdout, Buffer.from(JSON.stringify(listChanges(upper, lower))));
  else writeFully(stdout, Buffer.from(JSON.stringify(sizeOf(upper))));
}

/** Bytes of files and links, each inode once; whiteouts weigh nothing. */
function sizeOf(upper: string): number {
  const seen = new Set<bigint>();
  let size = 0;
  walkUpper(upper, undefined, {
    enter({ stat }) {
      const type = stat.mode & fileTypes.mask;
      const counts = type === fileTypes.regular || type === fileTypes.symlink;
      if (!counts || seen.has(stat.inode)) return;
      if (stat.links > 1) seen.add(stat.inode);
      size += stat.size;
    },
  });
  return size;
}
