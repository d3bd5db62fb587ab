/**
 * What run, start -a and attach have in common: the attached streams, the exit code from /wait, the terminal's size.
 * Order matters: attach before start (no byte lost), wait registered before start (no exit missed).
 */
import type { EngineClient } from '../../../engine-api/client.ts';
import { pathOf } from '../../../engine-api/client.ts';
import type { HijackedStream } from '../../../engine-api/hijack.ts';
import type { ContainerWaitResponse } from '../../../engine-api/types.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { CliContext } from '../../context.ts';
import { defaultDetachKeys } from '../../detach-keys.ts';
import { ExitError } from '../../exit-code.ts';
import { readJsonLines } from '../../json-stream.ts';
import { onResize, terminalSize } from '../../terminal.ts';

export interface Streams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** The keys as text: the flag, config.json, docker's default. */
export async function chooseDetachKeys(context: CliContext, flag: string | undefined): Promise<string> {
  return (flag || (await context.configFile()).detachKeys) ?? defaultDetachKeys;
}

/** Opens the container's streams. */
export async function attachStreams(
  engine: EngineClient,
  id: string,
  streams: Streams,
  detachKeys: string,
): Promise<HijackedStream> {
  return await engine.hijack(`/containers/${pathOf(id)}/attach`, { stream: 1, ...streams, detachKeys });
}

/** Registers for the exit; resolves once the engine has heard it. The promise within gives the code. */
export async function awaitExit(
  engine: EngineClient,
  id: string,
  condition?: 'next-exit' | 'removed' | 'not-running',
): Promise<{ readonly code: Promise<number> }> {
  const response = await engine.call('POST', `/containers/${pathOf(id)}/wait`, { query: { condition } });
  const code = readExit(response);
  // Looked at after the streams have ended; until then a failure waits.
  code.catch(() => undefined);
  return { code };
}

async function readExit(response: Response): Promise<number> {
  try {
    for await (const answer of readJsonLines<ContainerWaitResponse>(response.body)) {
      const problem = answer.Error?.Message ?? '';
      if (problem !== '') throw new ExitError(125, `Error response from daemon: ${problem}`);
      return answer.StatusCode ?? 0;
    }
  } catch (cause) {
    if (cause instanceof ExitError) throw cause;
    throw new ExitError(125, `error waiting for container: ${messageOf(cause)}`, { cause });
  }
  throw new ExitError(125, 'error waiting for container: unexpected EOF');
}

/** Tells the engine the size now and whenever it changes, until disposed of. @param path `/containers/x` or `/exec/x`. */
export function followResize(engine: EngineClient, path: string): Disposable {
  const send = () => {
    const size = terminalSize();
    if (size) void sendSize(engine, path, size.h, size.w);
  };
  send();
  return onResize(send);
}

const resizeAttempts = 10;
const resizePause = 10;

/** The process may not exist yet when the first size is sent: tried again for a while, then given up in silence. */
export async function sendSize(engine: EngineClient, path: string, h: number, w: number): Promise<void> {
  for (let attempt = 1; attempt <= resizeAttempts; attempt++) {
    try {
      await (await engine.call('POST', `${path}/resize`, { query: { h, w } })).text();
      return;
    } catch {
      await Bun.sleep(resizePause * attempt);
    }
  }
}

/** @throws InvalidError where a terminal is asked for and stdin is none. */
export function checkTty(context: CliContext, tty: boolean, stdin: boolean): void {
  if (tty && stdin && !context.input.isTerminal) throw new ExitError(1, 'the input device is not a TTY');
}
