/** The engine's side of context-child.ts: feeds it the archive, and ends it when that expands beyond measure. */
import { InvalidError, UnavailableError, UnsupportedError } from '../../../lib/errors.ts';
import { feed } from '../../../lib/feed-child.ts';
import { withoutOuterCompression } from '../../images/archive/outer-compression.ts';
import type { ContextReport } from './context-child.ts';

export interface UnpackRequest {
  /** Holds the directory of the files already. */
  readonly directory: string;
  readonly body: ReadableStream<Uint8Array>;
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  readonly signal: AbortSignal;
}

/** The last of the compilers costs a process that lives for a second more than it gives back. */
const environment = { BUN_JSC_useFTLJIT: '0' };

/** So many plain bytes for one that came, beyond a size that does no harm: gzip does 1,032 at most. */
const maxExpansion = 500;
const harmless = 1024 * 1024 * 1024;

/** @throws InvalidError for what is no archive, UnsupportedError, UnavailableError (disk full), or what the body threw. */
export async function unpackContext({ directory, body, self, signal }: UnpackRequest): Promise<void> {
  const child = Bun.spawn([...self, '@context', directory], {
    env: environment,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    signal,
    killSignal: 'SIGKILL',
  });
  const words = new Response(child.stderr).text();
  let fed = 0;
  let bodyError: unknown;
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        fed += chunk.byteLength;
        controller.enqueue(chunk);
      },
    }),
    { signal },
  );
  const feeding = (async () => {
    try {
      const archive = await withoutOuterCompression(counted);
      if (!(await feed(archive, child))) await archive.cancel().catch(() => undefined);
    } catch (error) {
      bodyError = error;
      child.kill('SIGKILL');
    }
  })();
  try {
    let last: ContextReport | undefined;
    for await (const report of reports(child.stdout)) {
      last = report;
      const { written = 0 } = 'error' in report ? {} : report;
      if (written > harmless && written > fed * maxExpansion)
        throw new InvalidError('invalid context: it expands to more than its size allows');
    }
    const exitCode = await child.exited;
    await feeding;
    signal.throwIfAborted();
    if (exitCode === 0) return;
    throw (
      failureOf(last, bodyError) ?? new UnavailableError(`cannot unpack the context: ${(await words).trim()}`)
    );
  } finally {
    child.kill('SIGKILL');
    await child.exited;
  }
}

async function* reports(output: ReadableStream<Uint8Array>): AsyncGenerator<ContextReport> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as ContextReport;
  }
}

/** What the child said, else why its input broke off. */
function failureOf(report: ContextReport | undefined, bodyError: unknown): unknown {
  if (bodyError !== undefined) return bodyError;
  if (!report || !('error' in report)) return undefined;
  const Failure = failures[report.kind];
  return new Failure(
    report.kind === 'unavailable'
      ? `cannot unpack the context: ${report.error}`
      : `invalid context: ${report.error}`,
  );
}

const failures = {
  corrupt: InvalidError,
  unsupported: UnsupportedError,
  unavailable: UnavailableError,
} as const;
