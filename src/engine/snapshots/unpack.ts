/** The engine's side of unpacking a layer: starts the child, feeds it as fast as it takes, checks what it says. */
import { CorruptError, UnavailableError, UnsupportedError } from '../../lib/errors.ts';
import { feed } from '../../lib/feed-child.ts';
import type { AppliedLayer } from './apply-layer.ts';
import type { LayerToUnpack } from './snapshot-store.ts';
import type { UnpackReport } from './unpack-child.ts';

/** The last of the compilers costs a process that lives for a second more than it gives back: a fifth of its time. */
const environment = { BUN_JSC_useFTLJIT: '0' };

export interface UnpackedFiles {
  readonly applied: AppliedLayer;
  /** Resolves when all of it is on disk as well. @throws UnavailableError */
  readonly onDisk: Promise<void>;
}

/**
 * Unpacks a layer into an empty directory.
 * @param self the argv that starts this very program.
 * @throws CorruptError, UnsupportedError, UnavailableError, or what the stream itself threw.
 */
export async function unpackLayer(
  self: readonly string[],
  directory: string,
  layer: LayerToUnpack,
): Promise<UnpackedFiles> {
  const child = Bun.spawn([...self, '@unpack', directory], {
    env: environment,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const stdout = new Response(child.stdout).text();
  const stderr = new Response(child.stderr).text();
  try {
    if (!(await feed(layer.stream, child))) await layer.stream.cancel().catch(() => undefined);
  } catch (error) {
    child.kill('SIGKILL');
    await Promise.all([stdout, stderr, child.exited]);
    throw error;
  }
  const report = await readReport(await stdout, stderr);
  if ('error' in report) throw failure(report);
  if (report.diffId !== layer.diffId) {
    throw new CorruptError(
      `layers from manifest don't match image configuration: diff ID ${layer.diffId}, got ${report.diffId}`,
    );
  }
  const onDisk = ended(child, stderr);
  // Whoever drops the layer does not ask.
  onDisk.catch(() => undefined);
  return { applied: report, onDisk };
}

type Child = Bun.Subprocess<'pipe', 'pipe', 'pipe'>;

async function readReport(stdout: string, stderr: Promise<string>): Promise<UnpackReport> {
  try {
    return JSON.parse(stdout) as UnpackReport;
  } catch (cause) {
    const reason = (await stderr).trim() || 'killed';
    throw new UnavailableError(`cannot unpack layer: its process ended: ${reason}`, { cause });
  }
}

async function ended(child: Child, stderr: Promise<string>): Promise<void> {
  const [exitCode, text] = await Promise.all([child.exited, stderr]);
  if (exitCode !== 0)
    throw new UnavailableError(`cannot write layer to disk: ${text.trim() || 'its process was killed'}`);
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
