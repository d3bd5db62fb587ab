/**
 * What a build may ask for while it runs and that nothing keeps: secrets, handed over before, ssh agents, whose sockets on
 * this machine its steps reach through connections that wait at the engine, and in the same way the files of named contexts
 * and the directories of caches.
 */
import { pathOf, type EngineClient } from '../../engine-api/client.ts';
import type { HijackedStream } from '../../engine-api/hijack.ts';
import type { CliContext } from '../context.ts';
import { Forward } from './forwards.ts';
import type { NamedContext } from './named-contexts.ts';
import { findAgent, type SshAgent } from './ssh-agents.ts';

export interface BuildSession extends AsyncDisposable {
  /** For the build's request; undefined where it needs no session. */
  readonly id: string | undefined;
  /** Why files that the engine asked for could not be read: it knows only that they ended. */
  readonly failure: unknown;
}

export interface SessionContents {
  /** Values of --secret and --ssh. */
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  readonly contexts: readonly NamedContext[];
  /** Of caches. */
  readonly directories: readonly string[];
  /** For a context that the engine fetches. */
  readonly dockerfile?: string | undefined;
}

/** @throws InvalidError, NotFoundError */
export async function openSession(
  { engine, config }: CliContext,
  { secrets, ssh, contexts, directories, dockerfile }: SessionContents,
): Promise<BuildSession> {
  const sent = contexts.filter(({ body }) => body !== undefined);
  const lent = secrets.length + ssh.length + sent.length + directories.length;
  if (lent === 0 && dockerfile === undefined) {
    return { id: undefined, failure: undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const { readSecrets } = await import('./secrets.ts');
  const agents = await Promise.all(ssh.map((text) => findAgent(text, config.variables['SSH_AUTH_SOCK'])));
  const body = {
    secrets: await readSecrets(secrets, config.variables),
    ssh: agents.map(({ id }) => id),
    contexts: sent.map(({ name }) => name),
    directories,
    dockerfile,
  };
  const { id } = await engine.post<{ id: string }>('/cais/build-sessions', { json: body });
  const senders = sent.map((context) => new ContextForward(engine, id, context));
  const path = `/cais/build-sessions/${pathOf(id)}`;
  const forwards = [
    ...agents.map((agent) => new Forward(engine, `${path}/ssh/${pathOf(agent.id)}`, serveAgent(agent))),
    ...directories.map(
      (name) => new Forward(engine, `${path}/directories/${encodeURIComponent(name)}`, serveDirectory(name)),
    ),
    ...senders,
  ];
  return {
    id,
    get failure() {
      return senders.find(({ failure }) => failure !== undefined)?.failure;
    },
    [Symbol.asyncDispose]: async () => {
      for (const forward of forwards) forward.close();
      await Promise.all(forwards.map(({ done }) => done));
    },
  };
}

/** One context: a connection waits at the engine, and takes the tar once it is asked for. */
class ContextForward {
  readonly done: Promise<void>;
  failure: unknown;
  #connection: HijackedStream | undefined;
  #isClosed = false;

  constructor(engine: EngineClient, session: string, context: NamedContext) {
    const path = `/cais/build-sessions/${pathOf(session)}/contexts/${pathOf(context.name)}`;
    this.done = this.#serve(engine, path, context);
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.close();
  }

  async #serve(engine: EngineClient, path: string, { body }: NamedContext): Promise<void> {
    const connection = await engine.hijack(path, {}, undefined, 'GET').catch(() => undefined);
    if (!connection || !body) return;
    this.#connection = connection;
    if (this.#isClosed) connection.close();
    const { done } = await connection.readable.getReader().read();
    if (done) return;
    try {
      for await (const chunk of body()) {
        if (connection.isClosed) return;
        await connection.write(chunk);
      }
      connection.closeWrite();
    } catch (error) {
      this.failure = error;
      connection.close();
    }
  }
}

/** What is not used is not loaded. */
function serveDirectory(path: string) {
  return async (connection: HijackedStream, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
    const { CacheDirectory } = await import('./cache-directory.ts');
    await new CacheDirectory(path).serve(connection, bytes);
  };
}

/** Both ways, until either side ends. An agent that is not there ends the step's connection. */
function serveAgent({ connect }: SshAgent) {
  return async (connection: HijackedStream, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
    const agent = connect();
    agent.on('data', (chunk: Uint8Array) => void connection.write(new Uint8Array(chunk)));
    agent.once('close', () => connection.close());
    agent.on('error', () => connection.close());
    // What agents are asked is short: a few kilobytes a message.
    for await (const chunk of bytes) agent.write(chunk);
    agent.end();
  };
}
