/** One container's resolver, without its sockets: a message comes in, another goes out. */
import type { Log } from '../../../lib/log.ts';
import { fittingReply, longestByTcp, readQuery, reply, replyCode, type Query } from './message.ts';
import { ownAnswers, type NameSource } from './own-answers.ts';
import type { Transport, Upstream } from './upstream.ts';

/** Each that is forwarded holds a socket of the engine. */
const mostInFlight = 100;

export class Resolver implements Disposable {
  readonly #containerId: string;
  readonly #source: NameSource;
  readonly #upstream: Upstream;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  #inFlight = 0;
  #turn = 0;

  constructor(containerId: string, source: NameSource, upstream: Upstream, log: Log) {
    this.#containerId = containerId;
    this.#source = source;
    this.#upstream = upstream;
    this.#log = log;
  }

  /** The reply, or undefined where none is due. Never rejects, whatever the bytes. */
  async answer(bytes: Buffer, transport: Transport): Promise<Buffer | undefined> {
    const query = readQuery(bytes);
    if (query === undefined || Buffer.isBuffer(query)) return query;
    if (this.#inFlight >= mostInFlight) return reply(query, replyCode.refused);
    this.#inFlight += 1;
    try {
      return await this.#resolve(query, transport);
    } catch (error) {
      this.#log.error({ err: error, container: this.#containerId }, 'a DNS query could not be answered');
      return reply(query, replyCode.serverFailure);
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Whoever waits for an upstream server is let go. */
  [Symbol.dispose](): void {
    this.#stopped.abort();
  }

  async #resolve(query: Query, transport: Transport): Promise<Buffer> {
    const own = ownAnswers(this.#source, this.#containerId, query, this.#turn);
    if (own === undefined) {
      const forwarded = await this.#upstream.ask(query, transport, this.#stopped.signal);
      return forwarded ?? reply(query, replyCode.serverFailure);
    }
    if (own.length > 1) this.#turn += 1;
    return fittingReply(query, own, transport === 'tcp' ? longestByTcp : query.limit);
  }
}
