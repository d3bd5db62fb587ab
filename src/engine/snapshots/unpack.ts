/** The engine's side of unpacking a layer: starts the child, feeds it as fast as it takes, checks what it says. */
import { CorruptError, UnavailableError, UnsupportedError } from '../../lib/errors.ts';
import type { AppliedLayer } from './apply-layer.ts';
import type { LayerToUnpack } from './snapshot-store.ts';
import type { UnpackReport } from './unpack-child.ts';

/**
 * Unpacks a layer into an empty directory; on disk when this resolves.
 * @param self the argv that starts this very program.
 * @throws CorruptError, UnsupportedError, UnavailableError, or what the stream itself threw.
 */
export async function unpackLayer(
  self: readonly string[],
  directory: string,
  layer: LayerToUnpack,
): Promise<AppliedLayer> {
  const child = Bun.spawn([...self, '@unpack', directory], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const answer = Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  try {
    await feed(layer.stream, child);
  } catch (error) {
    child.kill('SIGKILL');
    await answer;
    throw error;
  }
  const [stdout, stderr] = await answer;
  const report = readReport(stdout, stderr);
  if ('error' in report) throw failure(report);
  if (report.diffId !== layer.diffId) {
    throw new CorruptError(
      `layers from manifest don't match image configuration: diff ID ${layer.diffId}, got ${report.diffId}`,
    );
  }
  return report;
}

type Child = Bun.Subprocess<'pipe', 'pipe', 'pipe'>;

/** Ends when the stream does, or when the child no longer listens: then its report says why. */
async function feed(stream: ReadableStream<Uint8Array>, child: Child): Promise<void> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (!(await give(child, next.value))) return await reader.cancel();
    }
  } finally {
    reader.releaseLock();
  }
  await Promise.race([Promise.resolve(child.stdin.end()).catch(() => undefined), child.exited]);
}

/** Resolves when the child took the bytes, to false when it has ended. */
async function give(child: Child, chunk: Uint8Array): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return false;
  try {
    // Waits once the pipe and a little buffer are full. To flush each chunk would make the two work by turns.
    await Promise.race([child.stdin.write(chunk), child.exited]);
  } catch {
    return false;
  }
  return true;
}

function readReport(stdout: string, stderr: string): UnpackReport {
  try {
    return JSON.parse(stdout) as UnpackReport;
  } catch (cause) {
    throw new UnavailableError(`cannot unpack layer: its process ended: ${stderr.trim() || 'killed'}`, {
      cause,
    });
  }
}

function failure(report: Extract<UnpackReport, { error: string }>): Error {
  const Failure = failures[report.kind];
  return new Failure(`failed to register layer: ${report.error}`);
}

const failures = {
  corrupt: CorruptError,
  unsupported: UnsupportedError,
  unavailable: UnavailableError,
} as const;
