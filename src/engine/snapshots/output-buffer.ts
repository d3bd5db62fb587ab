/** Few large writes out of many small ones, to a descriptor that may be a pipe; big files go past it in the kernel. */
import { sendFile, writeFully } from '../linux/file.ts';

const capacity = 1024 * 1024;

export class OutputBuffer {
  readonly #file: number;
  readonly #bytes = Buffer.alloc(capacity);
  #filled = 0;

  constructor(file: number) {
    this.#file = file;
  }

  write(bytes: Uint8Array): void {
    if (this.#filled + bytes.length > capacity) this.flush();
    if (bytes.length > capacity) return writeFully(this.#file, bytes);
    this.#bytes.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** Just `size` bytes of `from`: a file that shrinks meanwhile is filled up with zeros, one that grows is cut. */
  writeFile(from: number, size: number): void {
    this.flush();
    for (let rest = size - sendFile(this.#file, from, size); rest > 0; rest -= capacity) {
      this.write(new Uint8Array(Math.min(rest, capacity)));
    }
  }

  flush(): void {
    if (this.#filled > 0) writeFully(this.#file, this.#bytes.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
