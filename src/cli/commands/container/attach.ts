/** `cais attach`: the streams of a running container, until it ends or the detach keys are typed. */
import { pathOf } from '../../../engine-api/client.ts';
import type { ContainerInspectResponse } from '../../../engine-api/types.ts';
import { ConflictError } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import { parseDetachKeys } from '../../detach-keys.ts';
import type { CliContext } from '../../context.ts';
import { bool, string } from '../../flags.ts';
import { proxySignals } from '../../signals.ts';
import { join } from '../../stream.ts';
import { onResize, terminalSize } from '../../terminal.ts';
import { attachStreams, awaitExit, checkTty, chooseDetachKeys, sendSize } from './session.ts';

export const attach = defineCommand({
  usage: '[OPTIONS] CONTAINER',
  aliases: ['container attach', 'attach'],
  flags: {
    'detach-keys': string('Override the key sequence for detaching a container'),
    'no-stdin': bool('Do not attach STDIN'),
    'sig-proxy': bool('Proxy all received signals to the process', undefined, true),
  },
  count: exactly(1),
  completes: 'running',
  run: async ({ context, flags, args: [name = ''] }) => {
    const { engine } = context;
    const exit = await awaitExit(engine, name);
    const found = await engine.get<ContainerInspectResponse>(`/containers/${pathOf(name)}/json`);
    checkState(found);
    const id = found.Id ?? name;
    const tty = found.Config?.Tty === true;
    const stdin = !flags['no-stdin'] && found.Config?.OpenStdin === true;
    checkTty(context, tty, stdin);
    const detachKeys = await chooseDetachKeys(context, flags['detach-keys']);
    const keys = parseDetachKeys(detachKeys);
    const streams = { stdin, stdout: true, stderr: true };
    const connection = await attachStreams(engine, id, streams, detachKeys);
    using _signals = flags['sig-proxy'] && !tty ? proxySignals(engine, id) : undefined;
    using _resize = tty && context.out.isTerminal ? redraw(context, id) : undefined;
    await join(context, connection, { ...streams, tty, detachKeys: keys });
    return await exit.code;
  },
});

function checkState({ State: state }: ContainerInspectResponse): void {
  if (state?.Running !== true) {
    throw new ConflictError('cannot attach to a stopped container, start it first');
  }
  if (state.Paused === true) throw new ConflictError('cannot attach to a paused container, unpause it first');
  if (state.Restarting === true) {
    throw new ConflictError('cannot attach to a restarting container, wait until it is running');
  }
}

/** A size that differs, then the true one: programs redraw their screen for whoever has just come. */
function redraw({ engine }: CliContext, id: string): Disposable {
  const path = `/containers/${id}`;
  const send = async (extra: number) => {
    const size = terminalSize();
    if (size) await sendSize(engine, path, size.h + extra, size.w + extra);
  };
  void send(1).then(() => send(0));
  return onResize(() => void send(0));
}
