/** What a registry answers with, read within bounds or not at all. */
import { CorruptError } from '../../lib/errors.ts';

export async function readBounded(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? emptyStream()) {
    size += chunk.byteLength;
    if (size > limit) throw new CorruptError(`the registry's answer is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

export function emptyStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
