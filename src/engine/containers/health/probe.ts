/** One run of a health check: an exec whose client is the engine itself, its output cut, killed when it takes too long. */
import { killTree } from '../../linux/process.ts';
import { messageOf } from '../../../lib/errors.ts';
import { createExec, type ExecDependencies, startableExec, startWatchedExec } from '../exec/exec.ts';
import type { ExecSession } from '../exec/exec-store.ts';
import type { HealthPlan, ProbeResult } from './health.ts';

const keptOutput = 4096;

/** @param signal ends it early: nobody wants to know any more. Never throws: what goes wrong is the result. */
export async function runProbe(
  deps: ExecDependencies,
  containerId: string,
  { command, timeout }: HealthPlan,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const Start = new Date().toISOString();
  const finished = (ExitCode: number, Output: string): ProbeResult => ({
    Start,
    End: new Date().toISOString(),
    ExitCode,
    Output,
  });
  let session: ExecSession | undefined;
  try {
    session = startableExec(deps, createExec(deps, containerId, { ...probeConfig, cmd: command }));
    const output = new ProbeOutput();
    const isLate = await withinTime(startWatchedExec(deps, session, output), session, timeout, signal);
    if (!isLate) return finished(session.exitCode ?? -1, output.text);
    const words = `Health check exceeded timeout (${goDuration(timeout)})`;
    return finished(-1, output.text === '' ? words : `${words}: ${output.text}`);
  } catch (error) {
    return finished(-1, messageOf(error));
  } finally {
    if (session) deps.execs.forget(session.id);
  }
}

const probeConfig = {
  attachStdin: false,
  attachStdout: true,
  attachStderr: true,
  tty: false,
  detachKeys: undefined,
  env: [],
  privileged: false,
  user: '',
  workingDir: '',
  consoleSize: undefined,
} as const;

/** Resolves when the process has ended in any case. @returns true when it had to be killed for its time. */
async function withinTime(
  ended: Promise<unknown>,
  session: ExecSession,
  timeout: number,
  signal: AbortSignal,
): Promise<boolean> {
  let isLate = false;
  let killing: ReturnType<typeof setInterval> | undefined;
  // It may be about to start only: asked again until it is gone.
  const kill = (): void => {
    killing ??= setInterval(() => killTree(session.pid), 50);
    killTree(session.pid);
  };
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, timeout);
  signal.addEventListener('abort', kill, { once: true });
  try {
    await ended;
    return isLate;
  } finally {
    clearTimeout(timer);
    clearInterval(killing);
    signal.removeEventListener('abort', kill);
  }
}

/** The first 4 KiB of both streams, as they come. */
class ProbeOutput {
  readonly #parts: Uint8Array[] = [];
  #room = keptOutput;
  #isCut = false;

  output(_stream: unknown, bytes: Uint8Array): boolean {
    if (bytes.length > this.#room) this.#isCut = true;
    const part = bytes.slice(0, this.#room);
    this.#parts.push(part);
    this.#room -= part.length;
    return true;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString('utf8') + (this.#isCut ? '...' : '');
  }
}

/** As Go prints it: 1.5s, 2m0s, 300ms. */
function goDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const [hours, minutes] = [Math.floor(milliseconds / 3_600_000), Math.floor(milliseconds / 60_000) % 60];
  const seconds = `${(milliseconds % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
