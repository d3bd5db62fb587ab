/**
 * `cais run`: create -> attach -> wait -> start -> join the streams -> exit code.
 * Attach and wait come before start: not a byte of output and no early exit is lost. docs/flows/run.md
 */
import type { EngineClient } from '../../../engine-api/client.ts';
import type { HijackedStream } from '../../../engine-api/hijack.ts';
import { atLeast, defineCommand, type Invocation } from '../../command.ts';
import { parseDetachKeys } from '../../detach-keys.ts';
import type { CliContext } from '../../context.ts';
import { ExitError, startExitCode } from '../../exit-code.ts';
import { bool, string, stringOr } from '../../flags.ts';
import { proxySignals } from '../../signals.ts';
import { DetachedError, join } from '../../stream.ts';
import { terminalSize } from '../../terminal.ts';
import { type CreateBody, createBody } from './create-body.ts';
import { createFlags } from './create-flags.ts';
import { checkConflicts } from './create.ts';
import { withHelpHint } from './failure.ts';
import { createContainer } from './pull-missing.ts';
import { attachStreams, awaitExit, checkTty, chooseDetachKeys, followResize } from './session.ts';

const flags = {
  ...createFlags,
  detach: bool('Run container in background and print container ID', 'd'),
  'detach-keys': string('Override the key sequence for detaching a container'),
  pull: stringOr('missing', 'Pull image before running ("always", "missing", "never")'),
  'sig-proxy': bool('Proxy received signals to the process', undefined, true),
};

export const run = defineCommand({
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  aliases: ['container run', 'run'],
  flags,
  count: atLeast(1),
  interspersed: false,
  completes: 'image',
  run: async (invocation) => {
    const { context, flags, calledAs } = invocation;
    if (flags.detach && flags.attach.length > 0) {
      throw new ExitError(1, 'conflicting options: cannot specify both --attach and --detach');
    }
    const hint = <T>(action: () => Promise<T>) => withHelpHint(calledAs, startExitCode, action);
    const body = await withHelpHint(
      calledAs,
      () => 125,
      () => prepare(invocation),
    );
    if (!flags.detach) checkTty(context, flags.tty, body.AttachStdin === true);
    const platform = flags.platform ?? context.config.platform;
    const id = await withHelpHint(
      calledAs,
      () => 125,
      () => createContainer(context, body, { ...flags, platform }),
    );
    if (flags.detach) return await hint(() => startDetached(context, id));
    const session = {
      id,
      body,
      detachKeys: await chooseDetachKeys(context, flags['detach-keys']),
      proxiesSignals: flags['sig-proxy'] && !flags.tty,
    };
    return await hint(() => runAttached(context, session));
  },
});

type RunInvocation = Invocation<typeof flags>;

async function prepare({ context, flags, args, given }: RunInvocation): Promise<CreateBody> {
  checkConflicts(flags);
  const body = createBody(flags, given, args, context.config.variables, !flags.detach);
  const size = flags.tty ? terminalSize() : undefined;
  if (size) body.HostConfig.ConsoleSize = [size.h, size.w];
  return body;
}

async function startDetached({ engine, out }: CliContext, id: string): Promise<number> {
  try {
    await engine.post(`/containers/${id}/start`);
  } finally {
    // Also of one that did not start: it is there, to be looked at or removed.
    await out.write(`${id}\n`);
  }
  return 0;
}

interface RunSession {
  readonly id: string;
  readonly body: CreateBody;
  readonly detachKeys: string;
  readonly proxiesSignals: boolean;
}

async function runAttached(context: CliContext, session: RunSession): Promise<number> {
  const { engine } = context;
  const { id, body, detachKeys } = session;
  const tty = body.Tty === true;
  const streams = {
    stdin: body.AttachStdin === true,
    stdout: body.AttachStdout === true,
    stderr: body.AttachStderr === true,
  };
  const keys = parseDetachKeys(detachKeys);
  const connection = await attachStreams(engine, id, streams, detachKeys);
  const exit = await awaitExit(engine, id, body.HostConfig.AutoRemove === true ? 'removed' : 'next-exit');
  using _signals = session.proxiesSignals ? proxySignals(engine, id) : undefined;
  const joined = join(context, connection, { ...streams, tty, detachKeys: keys });
  joined.catch(() => undefined);
  await start(engine, id, connection, joined);
  using _resize = tty && context.out.isTerminal ? followResize(engine, `/containers/${id}`) : undefined;
  try {
    await joined;
  } catch (error) {
    if (error instanceof DetachedError) return 0;
    throw error;
  }
  return await exit.code;
}

/** Starts, and where that fails gives the terminal back before the failure is told. */
async function start(
  engine: EngineClient,
  id: string,
  connection: HijackedStream,
  joined: Promise<void>,
): Promise<void> {
  try {
    await engine.post(`/containers/${id}/start`);
  } catch (error) {
    connection.close();
    await joined.catch(() => undefined);
    throw error;
  }
}
