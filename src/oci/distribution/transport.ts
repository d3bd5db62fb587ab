/**
 * One HTTP request to a registry or its token server: what fails below HTTP is told in docker's words, and redirects
 * are followed without ever taking credentials to another origin.
 */
import { errnoOf, messageOf, UnavailableError } from '../../lib/errors.ts';
import { urlAt } from '../../lib/url-at.ts';
import { mayLeadTo } from './endpoint.ts';

export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ReadableStream<Uint8Array> | Uint8Array | string;
  readonly signal?: AbortSignal | undefined;
  /** Certificates need not be valid. */
  readonly insecure?: boolean;
  /** Sees the head of every answer, those of redirects as well. */
  readonly onAnswer?: ((answer: Response) => void) | undefined;
  /** Asked before a redirect is followed, and before `url` itself where a registry named it. */
  readonly beforeFollowing?: Following | undefined;
  /** A registry named `url`. */
  readonly isLed?: boolean;
}

/**
 * Whether to go where a registry leads: throws where that must not be.
 * @returns the address to connect to, of a name that might mean another one a moment later.
 */
export type Following = (target: URL) => Promise<string | undefined>;

const userAgent = 'cais/0.1 (linux)';
const maxRedirects = 10;

/** Sends, and follows the redirects of GET and HEAD (blobs often lie in another place). */
export async function send(outgoing: Outgoing): Promise<Response> {
  let current = outgoing;
  let address = outgoing.isLed ? await outgoing.beforeFollowing?.(outgoing.url) : undefined;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await sendOnce(current, address);
    outgoing.onAnswer?.(response);
    const location = redirectOf(current, response);
    if (!location) return response;
    await response.body?.cancel();
    address = await outgoing.beforeFollowing?.(location);
    current = { ...current, url: location, headers: headersFor(current, location) };
  }
  throw new UnavailableError(`${title(outgoing)}: stopped after ${maxRedirects} redirects`);
}

async function sendOnce(
  { method, url, headers, body, signal, insecure }: Outgoing,
  address: string | undefined,
): Promise<Response> {
  try {
    return await fetch(address === undefined ? url : urlAt(url, address), {
      method,
      headers: {
        'User-Agent': userAgent,
        'Accept-Encoding': 'identity',
        ...headers,
        ...(address !== undefined && { Host: url.host }),
      },
      redirect: 'manual',
      // Blobs and manifests are taken as they are: a digest counts the bytes of the wire.
      decompress: false,
      ...(body !== undefined && { body }),
      ...(body instanceof ReadableStream && { duplex: 'half' }),
      ...(signal && { signal }),
      ...(insecure && { tls: { rejectUnauthorized: false } }),
    } as RequestInit);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new UnavailableError(`${title({ method, url })}: ${networkReason(url, error)}`, { cause: error });
  }
}

function redirectOf({ method, url, beforeFollowing }: Outgoing, response: Response): URL | undefined {
  if ((method !== 'GET' && method !== 'HEAD') || ![301, 302, 303, 307, 308].includes(response.status))
    return undefined;
  const location = response.headers.get('Location');
  if (location === null) return undefined;
  const target = URL.parse(location, url);
  const safe =
    target &&
    (target.protocol === 'https:' || (target.protocol === 'http:' && url.protocol === 'http:')) &&
    // Who asks before following has a rule of its own.
    (beforeFollowing !== undefined || mayLeadTo(target, url));
  if (!safe)
    throw new UnavailableError(`${title({ method, url })}: refused to follow a redirect to ${location}`);
  return target;
}

function headersFor({ url, headers = {} }: Outgoing, target: URL): Record<string, string> {
  if (target.origin === url.origin) return { ...headers };
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
}

/** `Get "http://127.0.0.1:5000/v2/"`, as Go begins such messages. */
function title({ method, url }: Pick<Outgoing, 'method' | 'url'>): string {
  return `${method.charAt(0)}${method.slice(1).toLowerCase()} "${url.origin}${url.pathname}"`;
}

/** Why a server was not reached, as Go says it. */
export function networkReason(url: URL, error: unknown): string {
  const address = `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
  switch (errnoOf(error)) {
    case 'ECONNREFUSED':
    case 'ConnectionRefused':
      return `dial tcp ${address}: connect: connection refused`;
    case 'ENOTFOUND':
      return `dial tcp: lookup ${url.hostname}: no such host`;
    case 'ETIMEDOUT':
      return `dial tcp ${address}: i/o timeout`;
    case 'ECONNRESET':
      return 'EOF';
    case 'TooManyRedirects':
      return 'too many redirects';
    default:
      return messageOf(error);
  }
}
