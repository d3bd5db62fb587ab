/** What is installed in an image, as an SPDX document: scan-child.ts looks, here it is started and bounded. */
import { UnavailableError } from '../../../lib/errors.ts';
import { maxStatementSize, type Predicate, predicateTypes } from '../../../oci/attestation/statement.ts';
import type { ScanTask } from './scan-child.ts';

/** For an image of a million files on a slow disk. */
const longestMilliseconds = 10 * 60 * 1000;

export interface ScanOptions {
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  /** Kills the process. */
  readonly signal: AbortSignal;
}

/** @throws UnavailableError where it is not told in time, or is too long; what the signal says. */
export async function sbom(task: ScanTask, { self, signal }: ScanOptions): Promise<Predicate> {
  signal.throwIfAborted();
  const child = Bun.spawn([...self, '@packages'], {
    stdin: Buffer.from(JSON.stringify(task)),
    stdout: 'pipe',
    stderr: 'pipe',
    signal: AbortSignal.any([signal, AbortSignal.timeout(longestMilliseconds)]),
    killSignal: 'SIGKILL',
  });
  const [text, words, exitCode] = await Promise.all([
    readBounded(child),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  signal.throwIfAborted();
  if (exitCode === 0 && text !== undefined) return { type: predicateTypes.spdx, text };
  const why = text === undefined ? 'the list is too long' : words.trim() || 'it took too long';
  throw new UnavailableError(`cannot look for the packages of the image: ${why}`);
}

/** @returns undefined for more than a statement may hold: the process is ended. */
async function readBounded(child: Bun.Subprocess<Buffer, 'pipe', 'pipe'>): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of child.stdout) {
    size += chunk.byteLength;
    if (size > maxStatementSize) {
      child.kill('SIGKILL');
      return undefined;
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
