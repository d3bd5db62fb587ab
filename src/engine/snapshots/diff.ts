/** The engine's side of diff-child.ts: starts it, and turns its exit into an end or an error. */
import { UnavailableError } from '../../lib/errors.ts';
import type { DiffTask } from './diff-child.ts';

export interface DiffJob {
  /** The argv that starts this very program. */
  readonly self: readonly string[];
  readonly upper: string;
  /** The layers below, topmost first. */
  readonly lower: readonly string[];
}

/** The layer. */
export function diffStream(job: DiffJob): ReadableStream<Uint8Array> {
  return outputOf(start(job, 'tar'));
}

/** What the child writes; the stream fails in place of its end when the child did. Cancelling it ends the child. */
export function outputOf(child: Child): ReadableStream<Uint8Array> {
  const reader = child.stdout.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await reader.read();
        if (!next.done) return controller.enqueue(next.value);
        try {
          await succeeded(child);
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
export async function diffAnswer<T>(job: DiffJob, task: Exclude<DiffTask, 'tar'>): Promise<T> {
  const child = start(job, task);
  const [answer] = await Promise.all([new Response(child.stdout).text(), succeeded(child)]);
  return JSON.parse(answer) as T;
}

export type Child = Bun.Subprocess<'ignore', 'pipe', 'pipe'>;

function start({ self, upper, lower }: DiffJob, task: DiffTask): Child {
  return startChild([...self, '@diff', task, upper, ...lower]);
}

/** @param argv this very program, and which part of it. */
export function startChild(argv: readonly string[]): Child {
  return Bun.spawn([...argv], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
}

async function succeeded(child: Child): Promise<void> {
  const [stderr, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (exitCode !== 0) throw new UnavailableError(`cannot read the changes: ${stderr || 'killed'}`);
}
