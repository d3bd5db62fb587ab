/** Bodies of requests: read in pieces, so that a client cannot fill the memory, whatever length it tells or keeps to itself. */
import { InvalidError } from '../lib/errors.ts';

/** The chunks of the body, as they come. @throws InvalidError when the client leaves before its end. */
export async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (!body) return;
  try {
    yield* body;
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'AbortError') throw cause;
    throw new InvalidError('the connection was closed before the end of the body', { cause });
  }
}

/** The body; undefined when it has more than `max` bytes. The rest of it is then not read. */
export async function readBounded(request: Request, max: number): Promise<Buffer | undefined> {
  if (Number(request.headers.get('Content-Length') ?? 0) > max) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request.body)) {
    size += chunk.byteLength;
    if (size > max) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
