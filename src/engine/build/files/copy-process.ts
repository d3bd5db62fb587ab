/** The engine's side of copy-child.ts: starts it, gives it a task, and turns what it says into a value or an error. */
import { InvalidError, NotFoundError, UnavailableError } from '../../../lib/errors.ts';
import type { FilesFailure, FilesReport, FilesTask } from './copy-request.ts';

/** The last of the compilers costs a process that lives for a second more than it gives back. */
const environment = { BUN_JSC_useFTLJIT: '0' };

export interface ProcessOptions {
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  /** Kills the process. */
  readonly signal: AbortSignal;
}

/** @throws NotFoundError, InvalidError, UnavailableError, or what the signal says. */
export async function runFilesTask(task: FilesTask, { self, signal }: ProcessOptions): Promise<FilesReport> {
  signal.throwIfAborted();
  const child = Bun.spawn([...self, '@copy'], {
    env: environment,
    stdin: Buffer.from(JSON.stringify(task)),
    stdout: 'pipe',
    stderr: 'pipe',
    signal,
    killSignal: 'SIGKILL',
  });
  const [output, words] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  signal.throwIfAborted();
  const report = parse(output);
  if (!report) throw new UnavailableError(`cannot copy files: ${words.trim() || 'the process was killed'}`);
  if (!('failure' in report)) return report;
  const Failure = failures[report.failure];
  throw new Failure(report.message);
}

function parse(output: string): FilesReport | FilesFailure | undefined {
  return output === '' ? undefined : (JSON.parse(output) as FilesReport | FilesFailure);
}

const failures = {
  missing: NotFoundError,
  invalid: InvalidError,
  unavailable: UnavailableError,
} as const;
