/**
 * The Docker Engine API from the client's side: plain calls by fetch over the socket, attach and exec by an upgraded
 * connection (hijack.ts). Knows paths and JSON, not what a command wants: cli/commands do.
 * https://docs.docker.com/reference/api/engine/version/v1.50/
 */
import {
  CaisError,
  ConflictError,
  DeniedError,
  InvalidError,
  NotFoundError,
  UnauthorizedError,
  UnavailableError,
} from '../lib/errors.ts';
import { type EngineAddress, tlsOptions } from './address.ts';
import { type ConnectionRequest, converse, dial, exchange, hijack, type HijackedStream } from './hijack.ts';

export interface EngineClientOptions {
  /** Where the engine is; asked for once, before the first call. */
  readonly address: () => EngineAddress | Promise<EngineAddress>;
  readonly userAgent: string;
  /** `1.41`; without it paths carry no version, which means the engine's newest. */
  readonly apiVersion?: string;
  /** Sent with every request: HttpHeaders of config.json. */
  readonly headers?: () => Promise<Record<string, string>>;
  /** The error for an engine that isn't there. */
  readonly unreachable?: (cause: unknown) => Promise<CaisError>;
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it comes. */
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

export class EngineClient {
  readonly #options: EngineClientOptions;
  #known: Promise<EngineAddress> | undefined;

  constructor(options: EngineClientOptions) {
    this.#options = options;
  }

  /** GET, and the JSON of the answer. `T` is what the API's document promises. */
  async get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    const response = await this.call('GET', path, { ...(query && { query }), ...(signal && { signal }) });
    return (await response.json()) as T;
  }

  /** POST, and the JSON of the answer; undefined where it has no body. */
  async post<T>(path: string, options: CallOptions = {}): Promise<T> {
    const response = await this.call('POST', path, options);
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** DELETE, and the JSON of the answer; undefined where it has no body. */
  async delete<T>(path: string, query?: Query): Promise<T> {
    const response = await this.call('DELETE', path, query ? { query } : {});
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /**
   * Any call; the body of the answer is left unread. Headers arrive before the body does (wait, events).
   * @throws the class that the status means, with the engine's message, or `unreachable`; reading the body throws
   * UnavailableError where the engine goes away in the middle.
   */
  async call(method: Method, path: string, options: CallOptions = {}): Promise<Response> {
    const headers = await this.#headers(options.headers);
    const isJson = options.json !== undefined;
    if (isJson) headers['Content-Type'] = 'application/json';
    const body = isJson ? JSON.stringify(options.json) : options.body;
    const response = await this.#fetch(this.#target(path, options.query), {
      method,
      headers,
      ...(body !== undefined && { body }),
      ...(options.signal && { signal: options.signal }),
    });
    const whole = detectCut(response, options.signal);
    if (whole.ok || whole.status === 304) return whole;
    throw await toError(whole);
  }

  /** A bare connection, nothing said on it yet. @throws UnavailableError */
  async dial(): Promise<HijackedStream> {
    const address = await this.#address();
    return dial(address).catch(async (cause: unknown) => {
      throw await this.#unreachable(cause);
    });
  }

  /** Opens an upgraded connection: attach, exec start. @throws as `call` does. */
  async hijack(
    path: string,
    query: Query,
    json?: unknown,
    method: 'GET' | 'POST' = 'POST',
  ): Promise<HijackedStream> {
    const request = await this.#request(method, this.#target(path, query), json);
    const result = await hijack(request).catch(async (cause: unknown) => {
      throw await this.#unreachable(cause);
    });
    if (result instanceof Response) throw await toError(result);
    return result;
  }

  /**
   * A call with some JSON each way that needs no fetch: for commands that hijack, and would load it, with a thread of its
   * own, for little else. @throws as `call` does.
   */
  async exchange<T>(method: Method, path: string, json?: unknown): Promise<T> {
    const request = await this.#request(method, this.#target(path), json);
    const response = await exchange(request).catch(async (cause: unknown) => {
      throw cause instanceof CaisError ? cause : await this.#unreachable(cause);
    });
    if (!response.ok) throw await toError(response);
    return (await response.json()) as T;
  }

  /** As `call`, for a body that is whole already, without fetch: see `exchange`. The answer ends with the connection. */
  async converse(
    method: Method,
    path: string,
    {
      query,
      headers,
      body,
      signal,
    }: Pick<CallOptions, 'query' | 'headers' | 'signal'> & { body: Uint8Array },
  ): Promise<Response> {
    const target = this.#target(path, query);
    const request = {
      method,
      address: await this.#address(),
      target,
      headers: await this.#headers(headers),
      body,
    };
    const response = await converse(request, signal).catch(async (cause: unknown) => {
      signal?.throwIfAborted();
      throw cause instanceof CaisError ? cause : await this.#unreachable(cause);
    });
    if (!response.ok) throw await toError(response);
    return response;
  }

  async #request(method: Method, target: string, json: unknown): Promise<ConnectionRequest> {
    const body = json === undefined ? '' : JSON.stringify(json);
    return { method, address: await this.#address(), target, headers: await this.#headers(), body };
  }

  async #headers(extra: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
    const configured = (await this.#options.headers?.()) ?? {};
    return { ...configured, 'User-Agent': this.#options.userAgent, ...extra };
  }

  #target(path: string, query: Query = {}): string {
    const { apiVersion } = this.#options;
    const prefix = apiVersion === undefined ? '' : `/v${apiVersion}`;
    return prefix + path + formatQuery(query);
  }

  #address(): Promise<EngineAddress> {
    this.#known ??= Promise.resolve(this.#options.address());
    return this.#known;
  }

  async #fetch(target: string, init: RequestInit): Promise<Response> {
    const address = await this.#address();
    try {
      // A wait or a followed log may say nothing for days.
      return await fetch(originOf(address) + target, {
        ...init,
        ...('unix' in address ? { unix: address.unix } : address.tls && { tls: tlsOptions(address.tls) }),
        timeout: false,
        redirect: 'manual',
      } as BunFetchRequestInit);
    } catch (cause) {
      if (init.signal?.aborted === true) throw cause;
      throw await this.#unreachable(cause);
    }
  }

  async #unreachable(cause: unknown): Promise<CaisError> {
    const error = await this.#options.unreachable?.(cause);
    return error ?? new UnavailableError('Cannot connect to the engine', { cause });
  }
}

function originOf(address: EngineAddress): string {
  if ('unix' in address) return 'http://engine';
  const { hostname, port, tls } = address;
  return `${tls ? 'https' : 'http'}://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}

/** The same response, whose body fails with an UnavailableError where the connection ends before the body does. */
function detectCut(response: Response, signal: AbortSignal | undefined): Response {
  const { body, status, statusText, headers } = response;
  if (!body || status === 204 || status === 304) return response;
  const reader = body.getReader();
  const whole = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { value, done } = await reader.read().catch((cause: unknown) => {
        if (signal?.aborted === true) throw cause;
        throw new UnavailableError('unexpected EOF', { cause });
      });
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(whole, { status, statusText, headers });
}

/** A name or an id as part of a path: slashes and colons of image names stay. */
export function pathOf(name: string): string {
  return encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@');
}

function formatQuery(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false) continue;
    if (Array.isArray(value)) for (const each of value) parameters.append(name, String(each));
    else parameters.append(name, value === true ? '1' : String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

async function toError(response: Response): Promise<CaisError> {
  const text = await response.text();
  const message = `Error response from daemon: ${messageIn(text) || response.statusText || response.status}`;
  switch (response.status) {
    case 400:
      return new InvalidError(message);
    case 401:
      return new UnauthorizedError(message);
    case 403:
      return new DeniedError(message);
    case 404:
      return new NotFoundError(message);
    case 409:
      return new ConflictError(message);
    default:
      return new UnavailableError(message);
  }
}

function messageIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message).trim();
  } catch {
    // A proxy or another program may answer in plain text.
  }
  return text.trim();
}
