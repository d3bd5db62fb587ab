/** DNS by TCP: each message behind its length in two bytes. https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2 */
import { InvalidError } from '../../../lib/errors.ts';

const prefixSize = 2;

export function frame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixSize);
  prefix.writeUInt16BE(message.length, 0);
  return Buffer.concat([prefix, message]);
}

/** Cuts a stream into messages. Holds at most one that is not whole. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);
  readonly #longest: number;

  /** @param longest bytes of a message. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The messages that `chunk` completes. @throws InvalidError when one is announced that is too long. */
  push(chunk: Buffer): Buffer[] {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const messages: Buffer[] = [];
    while (rest.length >= prefixSize) {
      const end = prefixSize + rest.readUInt16BE(0);
      if (end - prefixSize > this.#longest) throw new InvalidError('a DNS message is too long');
      if (rest.length < end) break;
      messages.push(Buffer.from(rest.subarray(prefixSize, end)));
      rest = rest.subarray(end);
    }
    this.#pending = Buffer.from(rest);
    return messages;
  }
}
