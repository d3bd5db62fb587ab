/**
 * The process that reads or writes a container's files as an archive: the container is hostile and may be running, so it
 * is done in a view of its files that no path leads out of (container-view.ts). Archives come on standard input and go
 * to standard output, with a line of JSON before or after. It ends with the engine.
 */
import { InvalidError, errnoOf, messageOf } from '../../lib/errors.ts';
import { LayerSource } from '../../oci/layer/layer-source.ts';
import { untar } from '../../oci/layer/untar.ts';
import { writeFully } from '../linux/file.ts';
import { check, cString, libc } from '../linux/libc.ts';
import { clearUmask, dieWithParent } from '../linux/process.ts';
import { OutputBuffer } from '../snapshots/output-buffer.ts';
import type { ArchiveFailure, ArchiveReport, ArchiveRequest, ArchiveTask, View } from './archive-request.ts';
import { enterView } from './container-view.ts';
import { extract } from './extract.ts';
import { absolutePath, pathStat } from './path-stat.ts';
import { openDescriptors, writePath, writeRoot } from './write-tree.ts';

const stdout = 1;
const stderr = 2;

/** `argv`: `… @archive REQUEST`. @returns the exit code: 1 when what was written is not whole. */
export function runArchiveChild(argv: readonly string[] = process.argv): number {
  dieWithParent();
  clearUmask();
  const { view, task } = JSON.parse(argv[argv.indexOf('@archive') + 1] ?? '') as ArchiveRequest;
  const reporter = new Reporter();
  try {
    if (task.kind === 'extract') extractTask(view, task, reporter);
    else readTask(view, task, reporter);
    return 0;
  } catch (error) {
    reporter.fail(error);
    return 1;
  }
}

class Reporter {
  #isDone = false;

  tell(report: ArchiveReport): void {
    this.#isDone = true;
    writeFully(stdout, Buffer.from(`${JSON.stringify(report)}\n`));
  }

  /** Once the report is out, there is nothing but standard error and the exit code. */
  fail(error: unknown): void {
    const message = messageOf(error);
    if (this.#isDone) writeFully(stderr, Buffer.from(message));
    else this.tell({ failure: failureOf(error), message });
  }
}

function readTask(view: View, task: Exclude<ArchiveTask, { kind: 'extract' }>, reporter: Reporter): void {
  const descriptors = openDescriptors();
  enterView(view);
  const output = new OutputBuffer(stdout);
  if (task.kind === 'export') {
    reporter.tell({});
    return writeRoot(descriptors, output);
  }
  const path = absolutePath(task.path);
  reporter.tell({ stat: pathStat(path) });
  if (task.kind === 'read') writePath(path, descriptors, output);
}

function extractTask(view: View, task: Extract<ArchiveTask, { kind: 'extract' }>, reporter: Reporter): void {
  const source = new LayerSource({ digests: false });
  enterView(view);
  const path = absolutePath(task.path);
  enterDirectory(path);
  try {
    extract(untar(source.next), { ...task, path });
  } catch (error) {
    // Bytes that could not be read on make a broken archive: that reason comes first.
    throw source.failure ? new InvalidError(source.failure.error, { cause: error }) : explained(error);
  }
  reporter.tell({});
}

/** @throws NotFoundError, InvalidError in docker's words. */
function enterDirectory(path: string): void {
  try {
    check(libc.chdir(cString(path)), 'chdir', path);
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR')
      throw new InvalidError('extraction point is not a directory', { cause: error });
    throw error;
  }
}

/** A file that is missing while an archive is taken apart is the archive's fault. */
function explained(error: unknown): unknown {
  const code = errnoOf(error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return error;
  return new InvalidError(messageOf(error), { cause: error });
}

const machineErrors = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'ENOMEM', 'EMFILE', 'ENFILE', 'EPERM', 'EACCES']);

function failureOf(error: unknown): ArchiveFailure {
  const code = errnoOf(error) ?? '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
  if (code === 'EROFS') return 'denied';
  return machineErrors.has(code) ? 'unavailable' : 'invalid';
}
