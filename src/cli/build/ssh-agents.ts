/** What `--ssh` lends a build: an agent that runs on this machine, or keys from files, which an agent of our own answers for. */
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import { splitOnce } from '../commands/container/create-values.ts';

export interface SshAgent {
  readonly id: string;
  /** A new connection that speaks the agent's protocol. It may fail: then it ends. */
  readonly connect: () => Duplex;
}

/**
 * @param text `default`, `ID`, `ID=SOCKET` or `ID=KEY,KEY…`: as buildx has it.
 * @param fallback the socket for an id without a path.
 * @throws InvalidError, NotFoundError
 */
export async function findAgent(text: string, fallback: string | undefined): Promise<SshAgent> {
  const [id, given] = splitOnce(text, '=');
  const paths = given ? given.split(',') : fallback ? [fallback] : [];
  const [path] = paths;
  if (path === undefined) {
    throw new InvalidError(
      `invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set, or say --ssh ${id}=/path/of/socket/or/key`,
    );
  }
  const found = await Promise.all(paths.map(statOf));
  if (!found.some((entry) => entry.isSocket())) {
    const { keyAgent } = await import('./key-agent.ts');
    return { id, connect: await keyAgent(paths) };
  }
  if (paths.length > 1) throw new InvalidError(`--ssh ${text}: one agent's socket, or keys, not both`);
  return { id, connect: () => connect(path) };
}

async function statOf(path: string) {
  return await stat(path).catch((cause: unknown) => {
    throw new NotFoundError(`failed to stat ${path}: stat ${path}: no such file or directory`, { cause });
  });
}
