/** What reads one form of compression. */
export interface Decompressor extends Disposable {
  /**
   * Fills `output`, which is not empty, as far as there are bytes.
   * @returns how many; 0 at the end. @throws CorruptError when the source is broken or cut off, or what the source threw.
   */
  read(output: Uint8Array): number;
}
