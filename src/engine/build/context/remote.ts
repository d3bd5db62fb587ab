/** A context at an http or https URL: an archive, or a Dockerfile alone; what it is its type says, or its first bytes. */
import { networkReason } from '../../../oci/distribution/transport.ts';
import { InvalidError, NotFoundError, UnavailableError } from '../../../lib/errors.ts';
import { type RemoteAccess, webAuthorization } from './remote-access.ts';

export type Remote =
  | { readonly kind: 'archive'; readonly body: ReadableStream<Uint8Array> }
  | { readonly kind: 'dockerfile'; readonly text: string };

/** moby/daemon/builder/remotecontext/remote.go, and zstd. */
const acceptable = /^(?:application\/(?:(?:x-)?(?:tar|gzip|bzip2?|xz|zstd)|octet-stream)|text\/plain)/;
const maxDockerfile = 8 * 1024 * 1024;
const headSize = 512;

/** @throws InvalidError, NotFoundError, UnavailableError */
export async function openRemote(url: string, signal: AbortSignal, access?: RemoteAccess): Promise<Remote> {
  const response = await get(url, signal, access);
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  const head = reader && (await readHead(reader));
  if (!reader || !head || head.length === 0)
    throw new InvalidError(`error detecting content type for remote ${url}: empty response`);
  const body = joined(head, reader);
  const type = response.headers.get('content-type') ?? '';
  const told = type === '' || type.startsWith('application/octet-stream') ? typeOf(head) : type;
  if (!acceptable.test(told)) {
    await body.cancel();
    throw new InvalidError(
      `error detecting content type for remote ${url}: unsupported Content-Type ${JSON.stringify(type)}`,
    );
  }
  if (!told.startsWith('text/plain')) return { kind: 'archive', body };
  return { kind: 'dockerfile', text: await textOf(body, url) };
}

/** @throws as openRemote. */
export async function get(url: string, signal: AbortSignal, access?: RemoteAccess): Promise<Response> {
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url))
    throw new InvalidError(`remoteURL (${url}) could not be recognized as URL`);
  const authorization = access && webAuthorization(access, url);
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  let response: Response;
  try {
    response = await fetch(url, { signal, headers });
  } catch (cause) {
    signal.throwIfAborted();
    throw new UnavailableError(
      `error downloading remote context ${url}: ${networkReason(new URL(url), cause)}`,
      { cause },
    );
  }
  if (response.ok) return response;
  await response.body?.cancel();
  const message = `failed to GET ${url} with status ${response.status} ${response.statusText}`.trim();
  throw response.status === 404 ? new NotFoundError(message) : new UnavailableError(message);
}

async function readHead(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array> {
  let head = Buffer.alloc(0);
  while (head.length < headSize) {
    const { value, done } = await reader.read();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

/** Text has no bytes that no text has. https://mimesniff.spec.whatwg.org/#binary-data-byte */
function typeOf(head: Uint8Array): string {
  const isBinary = head
    .subarray(0, headSize)
    .some((byte) => byte < 0x09 || byte === 0x0b || (byte > 0x0d && byte < 0x20 && byte !== 0x1b));
  return isBinary ? 'application/octet-stream' : 'text/plain';
}

function joined(
  head: Uint8Array,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(head),
      async pull(controller) {
        const { value, done } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

async function textOf(body: ReadableStream<Uint8Array>, url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.byteLength;
    if (size > maxDockerfile) throw new InvalidError(`the Dockerfile at ${url} is too large`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
