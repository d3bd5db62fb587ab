/** A body of JSON objects, one after another, as the engine sends progress, events and stats. */
import { CorruptError } from '../lib/errors.ts';

/** Objects end at a newline; the last may lack it. A line longer than `limit` is refused. */
export async function* readJsonLines<T>(
  stream: ReadableStream<Uint8Array> | null,
  limit = 16 * 1024 * 1024,
): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of stream ?? new ReadableStream<Uint8Array>({ start: (c) => c.close() })) {
    pending += decoder.decode(chunk, { stream: true });
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    if (pending.length > limit) throw new CorruptError('the engine sent an endless line');
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T;
  }
  if (pending.trim() !== '') yield JSON.parse(pending) as T;
}
