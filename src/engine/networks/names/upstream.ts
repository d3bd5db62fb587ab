/** The servers that know the rest of the world, one after the other. */
import { randomInt } from 'node:crypto';
import { messageOf } from '../../../lib/errors.ts';
import type { Log } from '../../../lib/log.ts';
import { askByTcp, askByUdp, type Exchange, type Server } from './exchange.ts';
import { answers, codeOf, isTruncated, replyCode, withId, type Query } from './message.ts';

export type Transport = 'udp' | 'tcp';

/** How long a server has, in milliseconds. */
export interface Patience {
  /** While there is another to ask: both fit into the five seconds after which the C library asks anew. */
  readonly next: number;
  /** The last, or the only one: as docker. */
  readonly last: number;
}

export const usualPatience: Patience = { next: 2000, last: 4000 };

export class Upstream {
  readonly #servers: readonly Server[];
  readonly #patience: Patience;
  readonly #log: Log;

  constructor(servers: readonly Server[], patience: Patience, log: Log) {
    this.#servers = servers;
    this.#patience = patience;
    this.#log = log;
  }

  /** The first useful reply, with the client's id, no longer than it takes; undefined when all servers failed. Never rejects. */
  async ask(query: Query, transport: Transport, signal: AbortSignal): Promise<Buffer | undefined> {
    for (const [index, server] of this.#servers.entries()) {
      if (signal.aborted) return undefined;
      const isLast = index === this.#servers.length - 1;
      const patience = isLast ? this.#patience.last : this.#patience.next;
      const reply = await this.#askOne(server, query, transport, patience, signal);
      if (reply !== undefined && isUseful(reply)) return withId(reply, query.bytes.readUInt16BE(0));
    }
    return undefined;
  }

  async #askOne(
    server: Server,
    query: Query,
    transport: Transport,
    patience: number,
    signal: AbortSignal,
  ): Promise<Buffer | undefined> {
    using attempt = limited(signal, patience);
    // Awaited here: the attempt's time runs until this function is left.
    if (transport === 'tcp') return await this.#try(askByTcp, server, query, attempt.signal);
    const reply = await this.#try(askByUdp, server, query, attempt.signal);
    if (reply === undefined || !isTruncated(reply) || !query.hasEdns) return reply;
    // The server's limit may be lower than the client's. Else the client has the mark and comes by TCP itself.
    const whole = await this.#try(askByTcp, server, query, attempt.signal);
    return whole !== undefined && whole.length <= query.limit ? whole : reply;
  }

  async #try(
    exchange: Exchange,
    server: Server,
    query: Query,
    signal: AbortSignal,
  ): Promise<Buffer | undefined> {
    const id = randomInt(0x10000);
    try {
      return await exchange(server, withId(query.bytes, id), (reply) => answers(reply, query, id), signal);
    } catch (error) {
      this.#log.debug({ server: server.address, reason: messageOf(error) }, 'a DNS server did not answer');
      return undefined;
    }
  }
}

/** Another server may be in a better state, or let us ask. */
function isUseful(reply: Buffer): boolean {
  const code = codeOf(reply);
  return code !== replyCode.serverFailure && code !== replyCode.refused;
}

/** Ends with `signal` or after so many milliseconds. By hand: what AbortSignal.any makes stays with a signal that lives long. */
function limited(signal: AbortSignal, milliseconds: number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const timer = setTimeout(end, milliseconds);
  signal.addEventListener('abort', end, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    },
  };
}
