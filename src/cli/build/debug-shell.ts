/**
 * `--debug`: a shell in the state in which a step has failed, with its files, environment, user and directory. What is
 * done there is for looking only: all of it goes with the shell.
 */
import { pathOf } from '../../engine-api/client.ts';
import type { IDResponse } from '../../engine-api/types.ts';
import { CaisError, messageOf } from '../../lib/errors.ts';
import { run } from '../commands/container/run.ts';
import type { CliContext } from '../context.ts';
import { parseFlags } from '../parse-flags.ts';

/** @param container which the engine has kept; it is removed afterwards. */
export async function debugFailure(context: CliContext, container: string): Promise<void> {
  const { engine, err, input, out } = context;
  try {
    if (!input.isTerminal || !out.isTerminal) {
      await err.write('--debug needs a terminal: no shell was started\n');
      return;
    }
    await err.write(
      '\nA shell in the failed step, as the step left it, without what RUN --mount mounted. exit or ctrl-d leaves it.\n',
    );
    const { Id: image = '' } = await engine.post<IDResponse>('/commit', { query: { container } });
    try {
      await runShell(context, image);
    } finally {
      await engine.delete(`/images/${pathOf(image)}`, { force: true });
    }
  } catch (error) {
    // The build's own failure has been told, and decides the exit code.
    if (!(error instanceof CaisError)) throw error;
    await err.write(`${messageOf(error)}\n`);
  } finally {
    await engine.delete(`/containers/${pathOf(container)}`, { force: true, v: true });
  }
}

async function runShell(context: CliContext, image: string): Promise<void> {
  const words = ['-it', '--rm', '--no-healthcheck', '--entrypoint', '/bin/sh', image];
  const parsed = parseFlags(run.flags, words, false);
  if ('help' in parsed) return;
  const { values: flags, given, args } = parsed;
  await run.run({ context, flags, given, args, calledAs: 'cais run' });
}
