/**
 * What a client lends a build and nobody keeps: secrets, in memory only, connections to its ssh agents, and files that it
 * sends when a step needs them. A session is gone with its build, or after a minute in which none has taken it up.
 */
import type { Duplex } from 'node:stream';
import { ConflictError, InvalidError, NotFoundError, UnavailableError } from '../../lib/errors.ts';

const unusedMilliseconds = 60_000;
/** BuildKit's limit for one secret. */
const largestSecret = 500 * 1024;
const mostSessions = 100;

export interface SessionOffer {
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** Names of agents. */
  readonly agents: readonly string[];
  /** Names of `--build-context`s whose files the client has. */
  readonly contexts?: readonly string[];
  /** Names of caches' directories. */
  readonly directories?: readonly string[];
  /** For a context that the engine fetches. */
  readonly dockerfile?: string | undefined;
}

/** What a connection that the client offers is for. */
export type OfferKind = 'agent' | 'context' | 'directory';

export class BuildSession implements Disposable {
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  readonly agents: ReadonlySet<string>;
  readonly contexts: ReadonlySet<string>;
  readonly directories: ReadonlySet<string>;
  /** Its text, where it is not one of the context's. */
  readonly dockerfile: string | undefined;
  readonly #queues = new Map<string, Queue>();
  readonly #onEnd: () => void;
  #isOver = false;

  constructor(
    { secrets, agents, contexts = [], directories = [], dockerfile }: SessionOffer,
    onEnd: () => void,
  ) {
    this.secrets = secrets;
    this.agents = new Set(agents);
    this.contexts = new Set(contexts);
    this.directories = new Set(directories);
    this.dockerfile = dockerfile;
    this.#onEnd = onEnd;
  }

  /** @throws NotFoundError for what the session was not opened with. */
  requires(kind: OfferKind, name: string): void {
    const names = { agent: this.agents, context: this.contexts, directory: this.directories };
    if (!names[kind].has(name)) throw new NotFoundError(`the build session has no ${kind} ${name}`);
  }

  /** The client's connection waits here until a step needs it. @throws NotFoundError */
  offer(kind: OfferKind, name: string, connection: Duplex): void {
    this.requires(kind, name);
    this.#queue(`${kind} ${name}`).offer(connection);
  }

  /** Waits for a connection, over which the client does its part once it is written to. @throws UnavailableError */
  take(kind: OfferKind, name: string, signal: AbortSignal): Promise<Duplex> {
    return this.#queue(`${kind} ${name}`).take(signal);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const queue of this.#queues.values()) queue.end();
    this.#onEnd();
  }

  #queue(name: string): Queue {
    if (this.#isOver) throw new UnavailableError('the client of the build has gone');
    const queue = this.#queues.get(name) ?? new Queue();
    this.#queues.set(name, queue);
    return queue;
  }
}

export class BuildSessions {
  readonly #sessions = new Map<string, { readonly session: BuildSession; timer: Timer | undefined }>();

  /** @returns its id. @throws InvalidError for a secret that is too large, ConflictError for too many sessions. */
  open(offer: SessionOffer): string {
    for (const [id, { byteLength }] of offer.secrets) {
      if (byteLength > largestSecret) throw new InvalidError(`invalid secret size ${byteLength} of ${id}`);
    }
    if (this.#sessions.size >= mostSessions) throw new ConflictError('too many build sessions');
    const id = crypto.randomUUID();
    const session = new BuildSession(offer, () => this.#forget(id));
    const timer = setTimeout(() => session[Symbol.dispose](), unusedMilliseconds);
    timer.unref();
    this.#sessions.set(id, { session, timer });
    return id;
  }

  /** @throws NotFoundError */
  find(id: string): BuildSession {
    const known = this.#sessions.get(id);
    if (!known) throw new NotFoundError(`No such build session: ${id}`);
    return known.session;
  }

  /** The session, the build's from now on: disposing ends it. @throws NotFoundError, ConflictError when it has a build. */
  take(id: string): BuildSession {
    const session = this.find(id);
    const known = this.#sessions.get(id);
    if (known?.timer === undefined) throw new ConflictError(`build session ${id} is in use`);
    clearTimeout(known.timer);
    known.timer = undefined;
    return session;
  }

  #forget(id: string): void {
    clearTimeout(this.#sessions.get(id)?.timer);
    this.#sessions.delete(id);
  }
}

type Timer = ReturnType<typeof setTimeout>;

/** Connections that wait, and who waits for one. */
class Queue {
  readonly #offered: Duplex[] = [];
  readonly #waiting = new Set<(connection: Duplex) => void>();

  offer(connection: Duplex): void {
    const [next] = this.#waiting;
    if (next) {
      this.#waiting.delete(next);
      next(connection);
      return;
    }
    this.#offered.push(connection);
    connection.once('close', () => {
      const at = this.#offered.indexOf(connection);
      if (at !== -1) this.#offered.splice(at, 1);
    });
  }

  take(signal: AbortSignal): Promise<Duplex> {
    const offered = this.#offered.shift();
    if (offered) return Promise.resolve(offered);
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    const leave = (): void => {
      this.#waiting.delete(enter);
      reject(signal.reason as Error);
    };
    const enter = (connection: Duplex): void => {
      signal.removeEventListener('abort', leave);
      resolve(connection);
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    else this.#waiting.add(enter);
    return promise;
  }

  end(): void {
    for (const connection of this.#offered.splice(0)) connection.destroy();
  }
}
