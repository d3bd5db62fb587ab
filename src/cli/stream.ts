/**
 * An upgraded connection and this process' stdin, stdout and stderr, joined until the container's output ends
 * or the detach keys are typed. Used by run, attach, start -a and exec.
 */
import { FrameDecoder } from '../engine-api/framing.ts';
import type { HijackedStream } from '../engine-api/hijack.ts';
import { CaisError } from '../lib/errors.ts';
import type { CliContext } from './context.ts';
import { DetachFilter } from './detach-keys.ts';
import { ExitError } from './exit-code.ts';
import { joinRuns } from './frame-runs.ts';

const brokenPipe = 13;

export interface Joined {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  readonly detachKeys: readonly number[];
}

/** The user typed the detach keys: not a failure of the container. */
export class DetachedError extends CaisError {
  override readonly name = 'DetachedError';
}

/**
 * Copies both ways. Resolves when the output has ended; the terminal is as it was before, whatever happened.
 * @throws DetachedError
 */
export async function join(context: CliContext, connection: HijackedStream, options: Joined): Promise<void> {
  using _raw = options.stdin && options.tty ? (await import('./raw-mode.ts')).rawMode() : undefined;
  const reader = options.stdin ? context.input.stream().getReader() : undefined;
  // Input may be endless: nobody is left to read it once the output is over.
  const output = copyOutput(context, connection, options).finally(() => void cancel(reader));
  const input = copyInput(reader, connection, options);
  // Input that ends first only means no more input; only the keys end it all.
  await Promise.race([output, input.then((isDetached) => (isDetached ? detached(connection) : output))]);
}

function detached(connection: HijackedStream): never {
  connection.close();
  throw new DetachedError('read escape sequence');
}

async function copyOutput(
  { out, err }: CliContext,
  connection: HijackedStream,
  options: Joined,
): Promise<void> {
  const frames = new FrameDecoder();
  for await (const chunk of connection.readable) {
    if (options.tty) {
      if (options.stdout) await out.write(chunk);
      continue;
    }
    for (const { stream, payload } of joinRuns(frames.decode(chunk))) {
      if (stream === 'stdout' && options.stdout) await out.write(payload);
      else if (stream !== 'stdout' && options.stderr) await err.write(payload);
    }
    // As a signal would: nobody reads what we write.
    if (out.isClosed) throw new ExitError(128 + brokenPipe);
  }
}

/** @returns true where the detach keys were typed. */
async function copyInput(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  connection: HijackedStream,
  options: Joined,
): Promise<boolean> {
  if (!reader) {
    connection.closeWrite();
    return false;
  }
  const filter = options.tty ? new DetachFilter(options.detachKeys) : undefined;
  while (!connection.isClosed) {
    const { value, done } = await reader.read();
    if (done) break;
    const { bytes, isDetached } = filter?.push(value) ?? { bytes: value, isDetached: false };
    await connection.write(bytes);
    if (isDetached) return true;
    await nextTurn();
  }
  connection.closeWrite();
  return false;
}

/** Lets sockets and signals have their turn: input that is always ready would keep the loop to itself. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

async function cancel(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
  // Input that cannot be cancelled is left alone: the command is over.
  await reader?.cancel().catch(() => undefined);
}
