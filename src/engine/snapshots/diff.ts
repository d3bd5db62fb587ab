/** The engine's side of diff-child.ts: starts it, and turns its exit into an end or an error. */
import { UnavailableError } from '../../lib/errors.ts';
import type { DiffTask, LayerReport } from './diff-child.ts';
import type { ContainerDiff } from './snapshot-store.ts';

export interface DiffJob {
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  readonly upper: string;
  /** The layers below, topmost first. */
  readonly lower: readonly string[];
}

/** The layer. */
export function layerOf(job: DiffJob): ContainerDiff {
  return layerFrom(start(job, 'tar'));
}

export interface SealedLayer extends ContainerDiff {
  /** Resolves when the directory is on disk as well. @throws UnavailableError */
  readonly onDisk: Promise<void>;
}

/** The layer, and its directory made to hold just that. @param epoch see seal-upper.ts. */
export function sealedLayerOf(job: DiffJob, epoch: number | undefined): SealedLayer {
  const child = start(job, 'seal', epoch === undefined ? '-' : String(epoch));
  const onDisk = child.exited.then((code) => {
    if (code !== 0) throw new UnavailableError('cannot write layer to disk');
  });
  // Whoever drops the layer does not ask.
  onDisk.catch(() => undefined);
  return { ...layerFrom(child), onDisk };
}

/** The child reports on stderr, when all of the layer is written. */
function layerFrom(child: Child): ContainerDiff {
  const size = new Response(child.stderr).text().then(parseReport);
  size.catch(() => undefined);
  return { tar: passOn(child, async () => void (await size)), size };
}

function parseReport(text: string): number {
  let report: LayerReport;
  try {
    report = JSON.parse(text) as LayerReport;
  } catch {
    report = { error: text || 'killed' };
  }
  if ('error' in report) throw unreadable(report.error);
  return report.size;
}

/** What the child writes; the stream fails in place of its end when the child did. Cancelling it ends the child. */
export function outputOf(child: Child): ReadableStream<Uint8Array> {
  return passOn(child, () => succeeded(child));
}

function passOn(child: Child, atEnd: () => Promise<void>): ReadableStream<Uint8Array> {
  const reader = child.stdout.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await reader.read();
        if (!next.done) return controller.enqueue(next.value);
        try {
          await atEnd();
          controller.close();
        } catch (error) {
          controller.error(error);
        }
      },
      async cancel() {
        child.kill('SIGKILL');
        await child.exited;
      },
    },
    { highWaterMark: 0 },
  );
}

/** The child's answer to one of the short tasks. */
export async function diffAnswer<T>(job: DiffJob, task: 'changes' | 'size'): Promise<T> {
  const child = start(job, task);
  const [answer] = await Promise.all([new Response(child.stdout).text(), succeeded(child)]);
  return JSON.parse(answer) as T;
}

export type Child = Bun.Subprocess<'ignore', 'pipe', 'pipe'>;

function start({ self, upper, lower }: DiffJob, task: DiffTask, ...options: readonly string[]): Child {
  return startChild([...self, '@diff', task, ...options, upper, ...lower]);
}

/** @param argv this very program, and which part of it. */
export function startChild(argv: readonly string[]): Child {
  return Bun.spawn([...argv], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
}

async function succeeded(child: Child): Promise<void> {
  const [stderr, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (exitCode !== 0) throw unreadable(stderr || 'killed');
}

function unreadable(reason: string): UnavailableError {
  return new UnavailableError(`cannot read the changes: ${reason}`);
}
