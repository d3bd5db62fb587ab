/** One registry, found and authorized: what every call of client.ts goes through. */
import { UnavailableError } from '../../lib/errors.ts';
import { Authorizer } from './authorizer.ts';
import type { Scope } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import type { RegistryEndpoint } from './endpoint.ts';
import { readRegistryError } from './errors.ts';
import { registryPaths } from './protocol.ts';
import { discard } from './response-body.ts';
import { type Following, type Outgoing, send } from './transport.ts';

/** A request, before it is known where it goes and what it has to show. */
export interface Call extends Omit<Outgoing, 'url' | 'insecure'> {
  readonly path?: string;
  readonly url?: URL;
  readonly scopes: readonly Scope[];
}

export interface ConnectionOptions {
  readonly endpoint: RegistryEndpoint;
  readonly credentials: Credentials;
  /** Cancels whatever this client does. */
  readonly signal?: AbortSignal;
  /** Ask the token server for a refresh token, too: login. */
  readonly offline?: boolean;
  /** Sees the head of every answer of the registry. */
  readonly onAnswer?: (answer: Response) => void;
  /** Asked before the client goes where the registry sends it, to a token server or by a redirect. */
  readonly beforeFollowing?: Following;
}

export class RegistryConnection {
  readonly #options: ConnectionOptions;
  readonly #authorizer: Authorizer;
  #origin: Promise<URL> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#authorizer = new Authorizer({
      credentials: options.credentials,
      insecure: options.endpoint.insecure,
      beforeFollowing: options.beforeFollowing,
      ...(options.offline && { offline: true }),
    });
  }

  get identityToken(): string | undefined {
    return this.#authorizer.identityToken;
  }

  /** Sends, takes up one challenge, and lets only success through. */
  async call(call: Call): Promise<Response> {
    const base = await this.origin();
    const url = call.url ?? new URL(call.path ?? '', base);
    // An upload may be sent to another place by its Location; the registry's leave is not that place's business.
    const own = url.origin === base.origin;
    const authorization = own ? await this.#authorizer.authorization(call.scopes) : undefined;
    const first = await this.#sendTo(url, call, authorization);
    if (first.ok) return first;
    if (first.status !== 401 || !own) throw await readRegistryError(first, authorization !== undefined);
    const renewed = await this.#authorizer.answer(first, base, call.scopes);
    if (renewed === undefined || call.body instanceof ReadableStream) {
      throw await readRegistryError(first, authorization !== undefined);
    }
    await discard(first);
    const second = await this.#sendTo(url, call, renewed);
    if (second.ok) return second;
    throw await readRegistryError(second, true);
  }

  #sendTo(url: URL, call: Call, authorization: string | undefined): Promise<Response> {
    const { method, body, headers } = call;
    const signal = call.signal ?? this.#options.signal;
    return send({
      method,
      url,
      headers: { ...headers, ...(authorization !== undefined && { Authorization: authorization }) },
      insecure: this.#options.endpoint.insecure,
      onAnswer: this.#options.onAnswer,
      beforeFollowing: this.#options.beforeFollowing,
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
  }

  /** Where the registry was found. */
  origin(): Promise<URL> {
    this.#origin ??= findOrigin(this.#options.endpoint, this.#options.signal);
    return this.#origin;
  }
}

/** The first origin where anything answers HTTP; TLS that fails sends loopback and insecure registries on to plain HTTP. */
async function findOrigin({ origins, insecure }: RegistryEndpoint, signal?: AbortSignal): Promise<URL> {
  let failure: unknown = new UnavailableError('the registry has no address');
  for (const origin of origins) {
    if (origins.length === 1) return origin;
    try {
      await discard(
        await send({ method: 'GET', url: new URL(registryPaths.base, origin), insecure, signal }),
      );
      return origin;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      failure = error;
    }
  }
  throw failure;
}
