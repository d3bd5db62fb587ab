/** Bodies of requests: read in pieces, so that a client cannot fill the memory, whatever length it tells or keeps to itself. */
import { InvalidError } from '../lib/errors.ts';

/** What is told of a body that could not be read: that a client leaves before its end is no fault of the hub. */
export function bodyError(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.name !== 'AbortError') return cause;
  return new InvalidError('the connection was closed before the end of the body', { cause });
}

const small = 64 * 1024;

/** True for a body that is read whole for less than a stream of it costs. */
export function isSmall(request: Request): boolean {
  const length = request.headers.get('Content-Length');
  return length !== null && Number(length) <= small;
}

/** The body; undefined when it has more than `max` bytes. The rest of it is then not read. */
export async function readBounded(request: Request, max: number): Promise<Buffer | undefined> {
  if (Number(request.headers.get('Content-Length') ?? 0) > max) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    if (isSmall(request)) return Buffer.from(await request.arrayBuffer());
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > max) return undefined;
      chunks.push(chunk);
    }
  } catch (error) {
    throw bodyError(error);
  }
  return Buffer.concat(chunks);
}
