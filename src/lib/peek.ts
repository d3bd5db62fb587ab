/** The first bytes of a stream, looked at before it is read. */

export interface Peeked {
  /** `size` bytes, fewer where the stream has no more. */
  readonly head: Uint8Array;
  /** The whole stream, the head included. */
  readonly stream: ReadableStream<Uint8Array>;
}

/** @param signal ends the wait for them. @throws what the stream throws, or the signal's reason. */
export async function peek(
  stream: ReadableStream<Uint8Array>,
  size: number,
  signal?: AbortSignal,
): Promise<Peeked> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let seen = 0;
  const leave = (): void => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener('abort', leave);
  try {
    while (seen < size) {
      const { value, done } = await reader.read();
      if (done) break;
      chunks.push(value);
      seen += value.length;
    }
  } finally {
    signal?.removeEventListener('abort', leave);
  }
  signal?.throwIfAborted();
  const head = Buffer.concat(chunks);
  const whole = new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (head.length > 0) controller.enqueue(new Uint8Array(head));
    },
    pull: async (controller) => {
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { head: head.subarray(0, size), stream: whole };
}
