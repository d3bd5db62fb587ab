/** Changed paths as lines of text: docker diff's letters, paths that a terminal can show. */
import type { FailureLine, FileChange } from '../engine-api/image-changes.ts';
import type { EngineClient, Query } from '../engine-api/client.ts';
import { NotFoundError, UnavailableError } from '../lib/errors.ts';
import { readJsonLines } from './json-stream.ts';
import { printable, printableBytes } from './printable.ts';

const letters = ['C', 'A', 'D'] as const;

export function letterOf({ Kind: kind }: { readonly Kind?: number | undefined }): string {
  return letters[kind ?? 0] ?? '?';
}

export function pathOfChange({ Path, RawPath }: FileChange): string {
  return RawPath === undefined ? printable(Path) : printableBytes(Buffer.from(RawPath, 'base64'));
}

/** The lines of one of cais's own routes. @throws UnavailableError where the engine could not go on. */
export async function* readChanges<T extends object>(
  engine: EngineClient,
  path: string,
  query: Query,
): AsyncGenerator<Exclude<T, FailureLine>> {
  const { body } = await engine.call('GET', path, { query }).catch(explain);
  for await (const line of readJsonLines<T>(body)) {
    if ('error' in line) throw new UnavailableError(`Error response from daemon: ${String(line.error)}`);
    yield line as Exclude<T, FailureLine>;
  }
}

/** Docker's engine knows nothing of these routes, and says so of a page. */
function explain(error: unknown): never {
  if (error instanceof NotFoundError && /page not found/.test(error.message))
    throw new NotFoundError("the engine does not tell which files an image has changed: only cais's does", {
      cause: error,
    });
  throw error;
}
