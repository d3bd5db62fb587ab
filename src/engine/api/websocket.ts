/**
 * The server's side of a WebSocket on a connection of our own, as a stream of bytes: for GET attach/ws. Messages have no
 * meaning here: what comes in is their payloads, what goes out one binary frame a chunk. https://www.rfc-editor.org/rfc/rfc6455
 */
import { createHash } from 'node:crypto';
import { Duplex } from 'node:stream';
import { InvalidError } from '../../lib/errors.ts';

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const normalClosure = Buffer.from([0x03, 0xe8]);
/** Of a control frame; longer ones are against the protocol. */
const longestControl = 125;

/** The headers of the 101. @throws InvalidError when the client did not ask for this protocol. */
export function webSocketHeaders(headers: Headers): Record<string, string> {
  const key = headers.get('sec-websocket-key') ?? '';
  if (!/^websocket$/i.test(headers.get('upgrade') ?? '') || key === '') {
    throw new InvalidError('not a websocket handshake: it needs "Upgrade: websocket" and Sec-WebSocket-Key');
  }
  if (headers.get('sec-websocket-version') !== '13') {
    throw new InvalidError('websocket version not supported: use Sec-WebSocket-Version 13');
  }
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Accept': accept };
}

/** @param socket after the 101. Ending the stream says good-bye and ends the socket; the client's close ends the input. */
export function webSocketStream(socket: Duplex): Duplex {
  const stream: Duplex = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(frame(opcodes.binary, chunk), () => done()),
    final(done) {
      socket.write(frame(opcodes.close, normalClosure));
      socket.end(() => done());
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  const reader = new FrameReader({
    data: (bytes) => {
      if (!stream.push(bytes)) socket.pause();
    },
    control: (opcode, payload) => {
      if (opcode === opcodes.ping) socket.write(frame(opcodes.pong, payload));
      if (opcode === opcodes.close) stream.push(null);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    if (!reader.read(chunk)) stream.destroy();
  });
  socket.on('end', () => stream.push(null));
  socket.on('error', () => stream.destroy());
  socket.on('close', () => stream.destroy());
  return stream;
}

/** A whole frame of the server's: without a mask. */
function frame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head[0] = 0x80 | opcode;
  head[1] = extended === 0 ? length : extended === 2 ? 126 : 127;
  if (extended === 2) head.writeUInt16BE(length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

interface FrameHandlers {
  /** A piece of a message's payload. */
  readonly data: (bytes: Buffer) => void;
  readonly control: (opcode: number, payload: Buffer) => void;
}

/** Takes a client's frames apart as bytes come in; holds at most a header or one control frame. */
class FrameReader {
  readonly #handlers: FrameHandlers;
  #held: Buffer = Buffer.alloc(0);
  #opcode = 0;
  #mask: Buffer = Buffer.alloc(4);
  #maskAt = 0;
  #remaining = 0;
  #isInFrame = false;

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers;
  }

  /** @returns false when this is not the protocol. */
  read(chunk: Buffer): boolean {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    while (bytes.length > 0 || (this.#isInFrame && this.#remaining === 0)) {
      if (this.#isInFrame) {
        const rest = this.#takePayload(bytes);
        if (!rest) return this.#hold(bytes);
        bytes = rest;
      } else {
        const length = headerLength(bytes);
        if (length === undefined || bytes.length < length) return this.#hold(bytes);
        if (!this.#takeHeader(bytes, length)) return false;
        bytes = bytes.subarray(length);
      }
    }
    return true;
  }

  #hold(bytes: Buffer): true {
    this.#held = bytes;
    return true;
  }

  /** A client's frames are masked; no extension is in use. */
  #takeHeader(bytes: Buffer, length: number): boolean {
    const [first = 0, second = 0] = bytes;
    this.#opcode = first & 0x0f;
    const size = second & 0x7f;
    this.#remaining =
      size < 126 ? size : size === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    this.#mask = bytes.subarray(length - 4, length);
    this.#maskAt = 0;
    this.#isInFrame = true;
    const isMasked = (second & 0x80) !== 0;
    const isControl = this.#opcode >= 8;
    return isMasked && (first & 0x70) === 0 && (!isControl || this.#remaining <= longestControl);
  }

  /** @returns what follows; undefined while a control frame is not whole. */
  #takePayload(bytes: Buffer): Buffer | undefined {
    const isControl = this.#opcode >= 8;
    if (isControl && bytes.length < this.#remaining) return undefined;
    const payload = Buffer.from(bytes.subarray(0, this.#remaining));
    for (let at = 0; at < payload.length; at++) {
      payload[at] = (payload[at] ?? 0) ^ (this.#mask[(this.#maskAt + at) & 3] ?? 0);
    }
    this.#maskAt += payload.length;
    this.#remaining -= payload.length;
    if (this.#remaining === 0) this.#isInFrame = false;
    if (isControl) this.#handlers.control(this.#opcode, payload);
    else if (payload.length > 0) this.#handlers.data(payload);
    return bytes.subarray(payload.length);
  }
}

/** Undefined while that cannot be seen yet. */
function headerLength(bytes: Buffer): number | undefined {
  const second = bytes[1];
  if (second === undefined) return undefined;
  const extended = { 126: 2, 127: 8 }[second & 0x7f] ?? 0;
  return 2 + extended + 4;
}
