/** A request of node:http as the handlers see it. */
import type { IncomingMessage } from 'node:http';
import { InvalidError } from '../../lib/errors.ts';
import type { ApiRequest } from './route.ts';
import type { VersionedPath } from './version.ts';

/** Create bodies with many labels are some kilobytes. */
const maxJsonSize = 4 * 1024 * 1024;

/** What is known of a request before a route is chosen. */
export interface RequestTarget extends VersionedPath {
  readonly query: URLSearchParams;
}

export function apiRequest(
  message: IncomingMessage,
  { query, version }: RequestTarget,
  params: ApiRequest['params'],
  signal: AbortSignal,
  chunks: AsyncIterable<Uint8Array> = message,
): ApiRequest {
  return {
    params,
    query,
    version,
    signal,
    get headers() {
      return headersOf(message);
    },
    get body() {
      return streamOf(chunks);
    },
    json: () => readJson(message, chunks),
  };
}

function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const item of Array.isArray(value) ? value : [value ?? '']) headers.append(name, item);
  }
  return headers;
}

/** One JSON value and nothing behind it; undefined for no body. */
async function readJson(message: IncomingMessage, chunks: AsyncIterable<Uint8Array>): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of chunks) {
    size += part.length;
    if (size > maxJsonSize) throw new InvalidError('request body too large');
    parts.push(part);
  }
  if (size === 0) return undefined;
  requireJsonType(message.headers['content-type'] ?? '');
  const text = Buffer.concat(parts).toString('utf8').trim();
  if (text === '') throw new InvalidError('invalid JSON: got EOF while reading request body');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new InvalidError(`invalid JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

/** Docker's rule: a body says what it is. Its parameters (`; charset=utf-8`) do not count. */
function requireJsonType(type: string): void {
  const [mediaType = ''] = type.split(';');
  if (mediaType.trim().toLowerCase() === 'application/json') return;
  if (mediaType.trim() === '')
    throw new InvalidError('malformed Content-Type header (): mime: no media type');
  throw new InvalidError(`unsupported Content-Type header (${type}): must be 'application/json'`);
}
