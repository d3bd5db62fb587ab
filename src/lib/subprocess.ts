/** Outside programs: run to the end, with their output bounded and their failure told in their own words. */
import { UnavailableError } from './errors.ts';

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Record<string, string | undefined>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

/** Runs a program and waits for it, whatever its exit code. Output is text, kept whole: only for short talkers. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(argv, options);
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

/** Runs a program that has to succeed; its stderr becomes the message of the error. */
export async function runChecked(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await run(argv, options);
  if (exitCode !== 0) {
    throw new UnavailableError(`cannot run ${argv[0]}: ${stderr.trim() || `exit code ${exitCode}`}`);
  }
  return stdout;
}

function spawn(
  argv: readonly string[],
  options: RunOptions,
): Bun.Subprocess<'ignore' | Uint8Array, 'pipe', 'pipe'> {
  try {
    return Bun.spawn([...argv], {
      stdin:
        options.input === undefined
          ? 'ignore'
          : typeof options.input === 'string'
            ? new TextEncoder().encode(options.input)
            : options.input,
      stdout: 'pipe',
      stderr: 'pipe',
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
      ...(options.signal && { signal: options.signal }),
    });
  } catch (cause) {
    throw new UnavailableError(`cannot run ${argv[0]}: is it installed?`, { cause });
  }
}
