/** Bytes of a file that may still grow, by a descriptor of its own. */
import { closeSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { ConflictError } from '../../lib/errors.ts';
import type { IngestReader } from './content-store.ts';

const readFromDisk = promisify(read);

export class FileReader implements IngestReader {
  readonly #descriptor: number;
  #isOpen = true;

  /** @param descriptor of a file that is open for reading; closed with this. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    // The number may be another file's by now.
    if (!this.#isOpen) throw new ConflictError('the file is closed');
    const { bytesRead } = await readFromDisk(this.#descriptor, buffer, 0, buffer.byteLength, position);
    return bytesRead;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#descriptor);
  }
}
