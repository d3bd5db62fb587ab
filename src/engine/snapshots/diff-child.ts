/**
 * The process that walks a container's writable directory: to write its layer to stdout, to list its changes, or to
 * count its bytes. A process of its own, as the walk is one long row of system calls, and a commit may be of gigabytes.
 */
import { messageOf } from '../../lib/errors.ts';
import { fileTypes } from '../linux/device.ts';
import { closeFile, openDirectory, syncFilesystem, writeFully } from '../linux/file.ts';
import { AT_FDCWD } from '../linux/libc.ts';
import { dieWithParent } from '../linux/process.ts';
import { listChanges } from './changes.ts';
import { diffLayer } from './diff-layer.ts';
import { LowerDirectory } from './lower-directory.ts';
import { OutputBuffer } from './output-buffer.ts';
import { UpperSealer } from './seal-upper.ts';
import { walkUpper } from './walk-upper.ts';

export type DiffTask = 'tar' | 'seal' | 'changes' | 'size';

/** What the child says of a layer, or why there is none. */
export type LayerReport = { readonly size: number } | { readonly error: string };

const stdout = 1;
const stderr = 2;

/**
 * `argv`: `… @diff TASK UPPER LOWER…`, topmost layer first; `… @diff seal EPOCH UPPER LOWER…` with `-` for none.
 * @returns the exit code.
 */
export async function runDiffChild(argv: readonly string[] = process.argv): Promise<number> {
  const [task, ...words] = argv.slice(argv.indexOf('@diff') + 1);
  try {
    dieWithParent();
    if (task === 'seal') return seal(words);
    runTask(task, words);
    return 0;
  } catch (error) {
    writeFully(stderr, Buffer.from(messageOf(error)));
    return 1;
  }
}

function runTask(task: string | undefined, [upper = '', ...layers]: readonly string[]): void {
  const lower = LowerDirectory.ofLayers(layers);
  if (task === 'tar') report({ size: diffLayer(upper, lower, new OutputBuffer(stdout)) });
  else if (task === 'changes') writeFully(stdout, Buffer.from(JSON.stringify(listChanges(upper, lower))));
  else writeFully(stdout, Buffer.from(JSON.stringify(sizeOf(upper))));
}

/** Reports when all is written, and ends when all is on disk: the engine goes on in between. @returns the exit code. */
function seal([epoch, upper = '', ...layers]: readonly string[]): number {
  // The engine gives it another name meanwhile.
  const directory = openDirectory(AT_FDCWD, upper);
  const sealer = new UpperSealer(upper, epoch === '-' ? undefined : Number(epoch));
  const size = diffLayer(upper, LowerDirectory.ofLayers(layers), new OutputBuffer(stdout), sealer);
  report({ size });
  closeFile(stdout);
  closeFile(stderr);
  try {
    syncFilesystem(`/proc/self/fd/${directory}/.`);
    return 0;
  } catch {
    return 1;
  }
}

function report(layer: LayerReport): void {
  writeFully(stderr, Buffer.from(JSON.stringify(layer)));
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
