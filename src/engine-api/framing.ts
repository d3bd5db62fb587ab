/**
 * stdout and stderr on one connection: `[stream, 0, 0, 0, length as big-endian uint32]` and the payload.
 * Shared by engine (encode) and cli (decode). https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Container/operation/ContainerAttach
 */
import { CorruptError } from '../lib/errors.ts';

export type StreamName = 'stdin' | 'stdout' | 'stderr';

const names: readonly (StreamName | 'system')[] = ['stdin', 'stdout', 'stderr', 'system'];
const headerLength = 8;

/** The header and the payload as one piece. */
export function encodeFrame(stream: StreamName, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerLength + payload.length);
  frame[0] = names.indexOf(stream);
  new DataView(frame.buffer).setUint32(4, payload.length);
  frame.set(payload, headerLength);
  return frame;
}

export interface FramePart {
  /** `system`: an error of the engine's, told within the stream. */
  readonly stream: StreamName | 'system';
  /** A part of a frame's payload: frames are not put together again. */
  readonly payload: Uint8Array;
}

/** Takes frames apart as bytes come in; holds at most one unfinished header. */
export class FrameDecoder {
  readonly #header = new Uint8Array(headerLength);
  #filled = 0;
  #remaining = 0;

  /** The parts in this chunk. @throws CorruptError where a header names no stream. */
  *decode(chunk: Uint8Array): Generator<FramePart> {
    for (let offset = 0; offset < chunk.length;) {
      if (this.#remaining > 0) {
        const payload = chunk.subarray(offset, offset + this.#remaining);
        this.#remaining -= payload.length;
        offset += payload.length;
        yield { stream: this.#stream(), payload };
      } else offset += this.#takeHeader(chunk, offset);
    }
  }

  #takeHeader(chunk: Uint8Array, offset: number): number {
    const part = chunk.subarray(offset, offset + headerLength - this.#filled);
    this.#header.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled === headerLength) {
      this.#filled = 0;
      this.#remaining = new DataView(this.#header.buffer).getUint32(4);
      this.#stream();
    }
    return part.length;
  }

  #stream(): StreamName | 'system' {
    const name = names[this.#header[0] ?? names.length];
    if (name === undefined) throw new CorruptError(`Unrecognized input header: ${this.#header[0]}`);
    return name;
  }
}
