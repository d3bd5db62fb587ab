/**
 * The process that looks at and copies the files of COPY and ADD: both trees are hostile, and there may be very many
 * files. It reads its task from standard input, answers with JSON, and ends with the engine.
 */
import { readFileSync } from 'node:fs';
import { errnoOf, messageOf } from '../../../lib/errors.ts';
import { textOf } from '../../../oci/layer/layer-path.ts';
import { fileTypes } from '../../linux/device.ts';
import { type FileStat, writeFully } from '../../linux/file.ts';
import { clearUmask, dieWithParent } from '../../linux/process.ts';
import type { FilesFailure, FilesReport, FilesTask, Match } from './copy-request.ts';
import { copySelection } from './copy-selection.ts';
import { digestSelection } from './digest-selection.ts';
import type { FileSelection } from './file-source.ts';
import { matchPaths } from './matched-path.ts';

const stdin = 0;
const stdout = 1;

/** `argv`: `… @copy`. @returns the exit code. */
export function runCopyChild(): number {
  dieWithParent();
  clearUmask();
  const report = answer();
  writeFully(stdout, Buffer.from(JSON.stringify(report)));
  return 'failure' in report ? 1 : 0;
}

function answer(): FilesReport | FilesFailure {
  try {
    return perform(JSON.parse(readFileSync(stdin, 'utf8')) as FilesTask);
  } catch (error) {
    return { failure: failureOf(error), message: describe(error) };
  }
}

function perform(task: FilesTask): FilesReport {
  if (task.kind === 'digest') return { digest: digestSelection(task.selection) };
  if (task.kind === 'match') return { matches: matchesOf(task.selection) };
  copySelection(task);
  return {};
}

function matchesOf(selection: FileSelection): Match[][] {
  return selection.sources.map((source) =>
    source.kind === 'inline'
      ? []
      : matchPaths(source, selection).map(({ path, asked, stat }) => ({
          path: textOf(path),
          asked: textOf(asked),
          isFile: isRegular(stat),
        })),
  );
}

function isRegular(stat: FileStat): boolean {
  return (stat.mode & fileTypes.mask) === fileTypes.regular;
}

const machineErrors = new Set([
  'EDQUOT',
  'EIO',
  'ENOSPC',
  'EROFS',
  'ENOMEM',
  'EMFILE',
  'ENFILE',
  'EPERM',
  'EACCES',
]);

function failureOf(error: unknown): FilesFailure['failure'] {
  if (machineErrors.has(errnoOf(error) ?? '')) return 'unavailable';
  return error instanceof Error && error.name === 'NotFoundError' ? 'missing' : 'invalid';
}

/** The one trouble of the machine that its owner can mend is told in words. */
function describe(error: unknown): string {
  const code = errnoOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'no space left on device' : messageOf(error);
}
