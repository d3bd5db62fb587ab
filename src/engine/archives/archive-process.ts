/** The engine's side of archive-child.ts: starts it, reads its report, passes bytes on. */
import { DeniedError, InvalidError, NotFoundError, UnavailableError } from '../../lib/errors.ts';
import { feed } from '../../lib/feed-child.ts';
import type {
  ArchiveFailure,
  ArchiveReport,
  ArchiveRequest,
  ArchiveTask,
  PathStat,
} from './archive-request.ts';

/** The last of the compilers costs a process that lives for a second more than it gives back. */
const environment = { BUN_JSC_useFTLJIT: '0' };

/** @param self the argv that starts this very program. */
type Self = readonly string[];

/** @throws NotFoundError when nothing is there. */
export async function statInView(self: Self, view: ArchiveRequest['view'], path: string): Promise<PathStat> {
  await using child = start(self, { view, task: { kind: 'stat', path } });
  return statOf(await child.report());
}

export interface ReadArchive {
  readonly stat: PathStat;
  /** The tar; it fails in place of its end when the process did. Cancelling it ends the process. */
  readonly stream: ReadableStream<Uint8Array>;
}

/** @param onEnd called once, when nothing is read any more. @throws NotFoundError when nothing is there. */
export async function readFromView(
  self: Self,
  view: ArchiveRequest['view'],
  path: string,
  onEnd: () => void,
): Promise<ReadArchive> {
  const child = start(self, { view, task: { kind: 'read', path } });
  return await child.answer((report, stream) => ({ stat: statOf(report), stream }), onEnd);
}

/** All files of the view. @param onEnd called once, when nothing is read any more. */
export async function exportView(
  self: Self,
  view: ArchiveRequest['view'],
  onEnd: () => void,
): Promise<ReadableStream<Uint8Array>> {
  const child = start(self, { view, task: { kind: 'export' } });
  return await child.answer((_, stream) => stream, onEnd);
}

/** Takes an archive apart in the view. @throws NotFoundError, InvalidError, DeniedError, UnavailableError */
export async function extractIntoView(
  self: Self,
  view: ArchiveRequest['view'],
  task: Extract<ArchiveTask, { kind: 'extract' }>,
  body: ReadableStream<Uint8Array>,
): Promise<void> {
  await using child = start(self, { view, task });
  await child.feed(body);
  await child.report();
}

function statOf({ stat }: { readonly stat?: PathStat }): PathStat {
  if (!stat) throw new UnavailableError('cannot read the container: its process gave no answer');
  return stat;
}

function start(self: Self, request: ArchiveRequest): ArchiveChild {
  return new ArchiveChild(
    Bun.spawn([...self, '@archive', JSON.stringify(request)], {
      env: environment,
      stdin: request.task.kind === 'extract' ? 'pipe' : 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    }),
  );
}

/** A report of one line is longer than this only if something is wrong. */
const maxReport = 1024 * 1024;

class ArchiveChild implements AsyncDisposable {
  readonly #child: Bun.Subprocess<'pipe' | 'ignore', 'pipe', 'pipe'>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #stderr: Promise<string>;
  /** What came behind the report. */
  #first: Uint8Array = new Uint8Array();

  constructor(child: Bun.Subprocess<'pipe' | 'ignore', 'pipe', 'pipe'>) {
    this.#child = child;
    this.#reader = child.stdout.getReader();
    this.#stderr = new Response(child.stderr).text();
  }

  async feed(body: ReadableStream<Uint8Array>): Promise<void> {
    await feed(body, this.#child);
  }

  async report(): Promise<{ readonly stat?: PathStat }> {
    let line = Buffer.alloc(0);
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done || line.length > maxReport) throw await this.#ended();
      line = Buffer.concat([line, value]);
      const end = line.indexOf('\n');
      if (end === -1) continue;
      this.#first = line.subarray(end + 1);
      const report = JSON.parse(line.toString('utf8', 0, end)) as ArchiveReport;
      if ('failure' in report) throw failureOf(report.failure, report.message);
      return report;
    }
  }

  /** The report and the bytes behind it. */
  async answer<T>(
    read: (report: { readonly stat?: PathStat }, stream: ReadableStream<Uint8Array>) => T,
    onEnd: () => void,
  ): Promise<T> {
    try {
      return read(await this.report(), this.#rest(onEnd));
    } catch (error) {
      await this[Symbol.asyncDispose]();
      onEnd();
      throw error;
    }
  }

  #rest(onEnd: () => void): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const first = this.#first;
          this.#first = new Uint8Array();
          if (first.length > 0) return controller.enqueue(first);
          const { value, done } = await this.#reader.read();
          if (!done) return controller.enqueue(value);
          const exitCode = await this.#child.exited;
          onEnd();
          if (exitCode === 0) controller.close();
          else controller.error(await this.#ended());
        },
        cancel: async () => {
          await this[Symbol.asyncDispose]();
          onEnd();
        },
      },
      { highWaterMark: 0 },
    );
  }

  async #ended(): Promise<UnavailableError> {
    const reason = (await this.#stderr).trim() || 'its process was killed';
    return new UnavailableError(`cannot read or write the container's files: ${reason}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.exited;
  }
}

function failureOf(failure: ArchiveFailure, message: string): Error {
  const Failure = failures[failure];
  return new Failure(message);
}

const failures = {
  missing: NotFoundError,
  invalid: InvalidError,
  denied: DeniedError,
  unavailable: UnavailableError,
} as const;
