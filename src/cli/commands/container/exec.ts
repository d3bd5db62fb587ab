/** `cais exec`: another process in a running container; its exit code becomes ours. */
import { pathOf } from '../../../engine-api/client.ts';
import type { IDResponse } from '../../../engine-api/types.ts';
import { UnavailableError } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { parseDetachKeys } from '../../detach-keys.ts';
import type { CliContext } from '../../context.ts';
import { bool, list, listOf, string } from '../../flags.ts';
import { DetachedError, join } from '../../stream.ts';
import { terminalSize } from '../../terminal.ts';
import { parseVariable, readEnvironment } from './env.ts';
import { checkTty, chooseDetachKeys, followResize } from './session.ts';

export const exec = defineCommand({
  usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  aliases: ['container exec', 'exec'],
  flags: {
    detach: bool('Detached mode: run command in the background', 'd'),
    'detach-keys': string('Override the key sequence for detaching a container'),
    env: listOf(parseVariable, 'Set environment variables', 'e'),
    'env-file': list('Read in a file of environment variables'),
    interactive: bool('Keep STDIN open even if not attached', 'i'),
    privileged: bool('Give extended privileges to the command'),
    tty: bool('Allocate a pseudo-TTY', 't'),
    user: string('Username or UID (format: "<name|uid>[:<group|gid>]")', 'u'),
    workdir: string('Working directory inside the container', 'w'),
  },
  count: atLeast(2),
  interspersed: false,
  completes: 'running',
  run: async ({ context, flags, args: [container = '', ...command] }) => {
    const isAttached = !flags.detach;
    if (isAttached && flags.tty && flags.interactive && !context.input.isTerminal) {
      // A name that means nothing is the better complaint.
      await context.engine.get(`/containers/${pathOf(container)}/json`);
      checkTty(context, true, true);
    }
    const detachKeys = await chooseDetachKeys(context, flags['detach-keys']);
    const size = isAttached && flags.tty ? terminalSize() : undefined;
    const body = {
      User: flags.user ?? '',
      Privileged: flags.privileged,
      Tty: flags.tty,
      AttachStdin: isAttached && flags.interactive,
      AttachStdout: isAttached,
      AttachStderr: isAttached,
      DetachKeys: detachKeys,
      Env: readEnvironment(flags['env-file'], flags.env, context.config.variables),
      WorkingDir: flags.workdir ?? '',
      Cmd: command,
      ...(size && { ConsoleSize: [size.h, size.w] }),
    };
    const path = `/containers/${pathOf(container)}/exec`;
    const { Id: id = '' } = await context.engine.exchange<IDResponse>('POST', path, body);
    if (id === '') throw new UnavailableError('exec ID empty');
    if (isAttached) return await runAttached(context, id, flags, detachKeys, body.ConsoleSize);
    await context.engine.post(`/exec/${id}/start`, { json: { Detach: true, Tty: flags.tty } });
    return 0;
  },
});

async function runAttached(
  context: CliContext,
  id: string,
  flags: { readonly tty: boolean; readonly interactive: boolean },
  detachKeys: string,
  consoleSize: readonly number[] | undefined,
): Promise<number> {
  const { engine } = context;
  const { tty, interactive: stdin } = flags;
  const start = { Detach: false, Tty: tty, ...(consoleSize && { ConsoleSize: consoleSize }) };
  const connection = await engine.hijack(`/exec/${id}/start`, {}, start);
  using _resize = tty && context.input.isTerminal ? followResize(engine, `/exec/${id}`) : undefined;
  try {
    const keys = parseDetachKeys(detachKeys);
    await join(context, connection, { stdin, stdout: true, stderr: true, tty, detachKeys: keys });
  } catch (error) {
    if (error instanceof DetachedError) return 0;
    throw error;
  }
  const { ExitCode } = await engine.exchange<{ ExitCode: number | null }>('GET', `/exec/${id}/json`);
  return ExitCode ?? 0;
}
