/**
 * Bytes of rtnetlink requests and answers: headers and attributes, in the host's byte order (little-endian on all that Bun runs on).
 * Used by route-socket.ts. https://www.kernel.org/doc/html/latest/userspace-api/netlink/intro.html, rtnetlink(7)
 */

/** nlmsghdr: length, type, flags, sequence, port. */
const headerSize = 16;
const messageError = 2;
const messageDone = 3;

export const flags = { request: 0x1, ack: 0x4, replace: 0x100, exclusive: 0x200, create: 0x400 } as const;

/** One message as read: its type and what follows the header. */
export interface NetlinkMessage {
  readonly type: number;
  readonly payload: Buffer;
}

/** A whole request, ready to be sent. */
export function encodeMessage(type: number, messageFlags: number, payload: Uint8Array): Buffer {
  const message = Buffer.alloc(headerSize + payload.byteLength);
  message.writeUInt32LE(message.byteLength, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(messageFlags | flags.request, 6);
  message.set(payload, headerSize);
  return message;
}

/** An attribute: length, type, value, padded to four bytes. Nested ones are values themselves. */
export function attribute(type: number, ...values: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(values);
  const encoded = Buffer.alloc(align(4 + value.byteLength));
  encoded.writeUInt16LE(4 + value.byteLength, 0);
  encoded.writeUInt16LE(type, 2);
  encoded.set(value, 4);
  return encoded;
}

/** A name or kind: NUL at its end. */
export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

export function uint32(value: number): Buffer {
  const encoded = Buffer.alloc(4);
  encoded.writeUInt32LE(value);
  return encoded;
}

/** The messages in what one recv(2) gave; what is cut off or malformed ends the list. */
export function decodeMessages(bytes: Buffer): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (let offset = 0; offset + headerSize <= bytes.byteLength;) {
    const length = bytes.readUInt32LE(offset);
    if (length < headerSize || offset + length > bytes.byteLength) break;
    messages.push({
      type: bytes.readUInt16LE(offset + 4),
      payload: bytes.subarray(offset + headerSize, offset + length),
    });
    offset += align(length);
  }
  return messages;
}

/** The errno that an acknowledgement carries: 0 is success; undefined when the message is none. */
export function acknowledged(message: NetlinkMessage): number | undefined {
  if (message.type === messageDone) return 0;
  if (message.type !== messageError) return undefined;
  return Math.abs(message.payload.readInt32LE(0));
}

function align(length: number): number {
  return (length + 3) & ~3;
}
