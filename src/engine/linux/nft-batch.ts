/** What all messages to nftables share: their types, their header, and the brackets around a transaction. */
import { encodeMessage } from './netlink-message.ts';

const subsystem = 10;
const batchBegin = 0x10;
const batchEnd = 0x11;

/** @param number of the kernel's nf_tables_msg_types. */
export function nftType(number: number): number {
  return (subsystem << 8) | number;
}

/** nfgenmsg: family, version, resource id in network order. */
export function nftHeader(family: number): Buffer {
  return header(family, 0);
}

/** All of them or none. The acknowledgement to ask for is that of the last one; begin and end are only brackets. */
export function batched(messages: readonly Buffer[]): Buffer {
  return Buffer.concat([
    encodeMessage(batchBegin, 0, header(0, subsystem)),
    ...messages,
    encodeMessage(batchEnd, 0, header(0, subsystem)),
  ]);
}

function header(family: number, resource: number): Buffer {
  return Buffer.from([family, 0, resource >> 8, resource & 255]);
}
