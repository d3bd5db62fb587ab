/** The unpacker's side of a layer on its way: bytes that can be cancelled, and a failure that stops the download. */
import type { StoredBlob } from '../../oci/content/content-store.ts';
import type { UnpackedLayer } from '../snapshots/snapshot-store.ts';
import type { ChunkPipe } from './chunk-pipe.ts';

/** The bytes of a blob until somebody cancels. @param onProgress told how many were read. */
export function cancellable(
  content: StoredBlob,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  let current = 0;
  const reader = (content.stream() as ReadableStream<Uint8Array>).getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        signal.throwIfAborted();
        const { done, value } = await reader.read();
        if (done) return controller.close();
        current += value.byteLength;
        onProgress(current);
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** An unpacking under way, whose failure is to stop the download that feeds it. */
export class Unpacking {
  readonly result: Promise<UnpackedLayer>;
  #failure: { readonly error: unknown } | undefined;

  constructor(result: Promise<UnpackedLayer>, pipe: ChunkPipe) {
    this.result = result;
    result.then(
      () => pipe.close(),
      (error: unknown) => {
        this.#failure = { error };
        pipe.close();
      },
    );
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Undoes it, whether it has ended or fails in its turn. */
  async abort(): Promise<void> {
    const unpacked = await this.result.catch(() => undefined);
    await unpacked?.abort();
  }
}
