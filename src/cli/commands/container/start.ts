/** `cais start`: containers that exist already; with -a or -i one of them, joined as `run` does. */
import { pathOf } from '../../../engine-api/client.ts';
import type { ContainerInspectResponse } from '../../../engine-api/types.ts';
import { CaisError, messageOf } from '../../../lib/errors.ts';
import { atLeast, defineCommand } from '../../command.ts';
import { parseDetachKeys } from '../../detach-keys.ts';
import type { CliContext } from '../../context.ts';
import { ExitError } from '../../exit-code.ts';
import { bool, string } from '../../flags.ts';
import { proxySignals } from '../../signals.ts';
import { DetachedError, join } from '../../stream.ts';
import { attachStreams, awaitExit, checkTty, chooseDetachKeys, followResize } from './session.ts';

export const start = defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  aliases: ['container start', 'start'],
  flags: {
    attach: bool('Attach STDOUT/STDERR and forward signals', 'a'),
    checkpoint: string('Restore from this checkpoint', undefined, { hidden: true }),
    'checkpoint-dir': string('Use a custom checkpoint storage directory', undefined, { hidden: true }),
    'detach-keys': string('Override the key sequence for detaching a container'),
    interactive: bool("Attach container's STDIN", 'i'),
  },
  count: atLeast(1),
  completes: 'stopped',
  run: async ({ context, flags, args }) => {
    const query = { checkpoint: flags.checkpoint, 'checkpoint-dir': flags['checkpoint-dir'] };
    if (!flags.attach && !flags.interactive) return await startAll(context, args, query);
    const [name = '', ...others] = args;
    if (others.length > 0) throw new ExitError(1, 'you cannot start and attach multiple containers at once');
    return await startAttached(context, name, flags['detach-keys'], flags.interactive);
  },
});

async function startAll(
  { engine, out, err }: CliContext,
  names: readonly string[],
  query: Record<string, string | undefined>,
): Promise<number> {
  const failed: string[] = [];
  for (const name of names) {
    try {
      await engine.post(`/containers/${pathOf(name)}/start`, { query });
      await out.write(`${name}\n`);
    } catch (error) {
      if (!(error instanceof CaisError)) throw error;
      failed.push(name);
      await err.write(`${messageOf(error)}\n`);
    }
  }
  if (failed.length === 0) return 0;
  throw new ExitError(1, `Error: failed to start containers: ${failed.join(', ')}`);
}

async function startAttached(
  context: CliContext,
  name: string,
  flag: string | undefined,
  isInteractive: boolean,
): Promise<number> {
  const { engine } = context;
  const found = await engine.get<ContainerInspectResponse>(`/containers/${pathOf(name)}/json`);
  const id = found.Id ?? name;
  const tty = found.Config?.Tty === true;
  const stdin = isInteractive && found.Config?.OpenStdin === true;
  checkTty(context, tty, stdin);
  const detachKeys = await chooseDetachKeys(context, flag);
  const streams = { stdin, stdout: true, stderr: true };
  const connection = await attachStreams(engine, id, streams, detachKeys);
  const isRemoved = found.HostConfig?.AutoRemove === true;
  const exit = await awaitExit(engine, id, isRemoved ? 'removed' : 'next-exit');
  using _signals = tty ? undefined : proxySignals(engine, id);
  const joined = join(context, connection, { ...streams, tty, detachKeys: parseDetachKeys(detachKeys) });
  joined.catch(() => undefined);
  await engine.post(`/containers/${id}/start`).catch(async (error: unknown) => {
    connection.close();
    await joined.catch(() => undefined);
    throw error;
  });
  using _resize = tty && context.out.isTerminal ? followResize(engine, `/containers/${id}`) : undefined;
  try {
    await joined;
  } catch (error) {
    if (error instanceof DetachedError) return 0;
    throw error;
  }
  return await exit.code;
}
