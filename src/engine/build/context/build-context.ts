/**
 * What a build is given, as a directory: the body of the request, or what `remote` names. It is hostile, and is unpacked
 * by a process of its own.
 */
import { UnsupportedError } from '../../../lib/errors.ts';
import type { SourceTree } from '../files/file-source.ts';

export interface ContextRequest {
  /** Engine's data for builds: the context goes below it. */
  readonly directory: string;
  /** An http or https URL or a git repository; undefined: the body. */
  readonly remote?: string;
  /** A tar, compressed or not. Read to its end, or cancelled. */
  readonly body: ReadableStream<Uint8Array>;
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  /** Ends the work at once. */
  readonly signal: AbortSignal;
}

/** Nothing changes in it until it is disposed; then it is gone from the disk. */
export interface BuildContext extends AsyncDisposable {
  /** Its files, for COPY and ADD. */
  readonly tree: SourceTree;
  /**
   * The text of the Dockerfile at a path of the context, links followed inside it. `Dockerfile` also finds `dockerfile`.
   * A remote that is a Dockerfile itself answers to every path.
   * @throws InvalidError in docker's words when it is missing, empty, outside, or longer than a Dockerfile is.
   */
  dockerfile(path: string): Promise<string>;
  /** Any other small text: .dockerignore. Undefined where it is missing. @throws InvalidError */
  text(path: string): Promise<string | undefined>;
}

/** @throws InvalidError for a body that is no archive, UnavailableError (disk full, remote not reached), UnsupportedError */
export function openContext(request: ContextRequest): Promise<BuildContext> {
  throw new UnsupportedError(`cannot open ${request.remote ?? 'the context'} yet`);
}

/** Removes what a killed engine left. @param directory as in ContextRequest; it need not be there. */
export function sweepContexts(directory: string): Promise<void> {
  throw new UnsupportedError(`cannot sweep ${directory} yet`);
}
