/**
 * What opens private repositories and files to a build: secrets of its session with names that BuildKit knows, and its ssh
 * agent. https://docs.docker.com/build/building/secrets/#git-authentication-for-remote-contexts
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidError } from '../../../lib/errors.ts';
import type { BuildSession } from '../sessions.ts';
import { openAgentSocket } from '../steps/agent-socket.ts';

export interface RemoteAccess {
  readonly session: BuildSession | undefined;
  /** Engine's runtime files of builds: for the agent's socket. */
  readonly runDirectory: string;
}

/** HTTP_AUTH_TOKEN_host and HTTP_AUTH_HEADER_host; a token comes before a header. */
export function webAuthorization({ session }: RemoteAccess, url: string): string | undefined {
  const { hostname } = new URL(url);
  const token = secretOf(session, `HTTP_AUTH_TOKEN_${hostname}`);
  return token === undefined ? secretOf(session, `HTTP_AUTH_HEADER_${hostname}`) : `Bearer ${token}`;
}

/** What git is given beside its arguments: those are seen by everybody on the machine. */
export interface GitAccess extends AsyncDisposable {
  /** Of the server alone that the repository is on; `Authorization: …`. */
  readonly header: { readonly scope: string; readonly line: string } | undefined;
  /** Of an ssh agent. */
  readonly socket: string | undefined;
}

/** The agent's socket is there until it is disposed of. */
export async function openGitAccess(
  { session, runDirectory }: RemoteAccess,
  remote: string,
): Promise<GitAccess> {
  await using stack = new AsyncDisposableStack();
  const authorization = gitAuthorization(session, remote);
  const header = authorization && { scope: scopeOf(remote), line: `Authorization: ${authorization}` };
  let socket: string | undefined;
  if (session?.agents.has('default') && !/^(?:https?|git):/i.test(remote)) {
    const directory = join(runDirectory, crypto.randomUUID());
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    socket = join(directory, 'agent');
    stack.use(await openAgentSocket(socket, session, 'default'));
  }
  const lifetime = stack.move();
  return { header: header || undefined, socket, [Symbol.asyncDispose]: () => lifetime.disposeAsync() };
}

/** The secret of the host before that of all, a header before a token. */
function gitAuthorization(session: BuildSession | undefined, remote: string): string | undefined {
  if (!/^https?:/i.test(remote)) return undefined;
  for (const suffix of [`.${new URL(remote).host}`, '']) {
    const header = secretOf(session, `GIT_AUTH_HEADER${suffix}`);
    if (header !== undefined) return header;
    const token = secretOf(session, `GIT_AUTH_TOKEN${suffix}`);
    if (token !== undefined) return `basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  }
  return undefined;
}

/** Submodules of GitHub are on GitHub; elsewhere a secret is for the repository itself alone. */
function scopeOf(remote: string): string {
  return /^https:\/\/(?:www\.)?github\.com\//.exec(remote)?.[0] ?? remote;
}

/** @throws InvalidError for one that would be more than a header's value. */
function secretOf(session: BuildSession | undefined, name: string): string | undefined {
  const bytes = session?.secrets.get(name);
  if (!bytes) return undefined;
  const value = new TextDecoder().decode(bytes).trim();
  if (/[\0\r\n]/.test(value)) throw new InvalidError(`the secret ${name} has more than one line`);
  return value;
}
