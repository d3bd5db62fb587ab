/**
 * A table of rules that lead packets of the namespace itself to another port, put in place in-process: one transaction of the
 * kernel's, where a run of `nft` inside of a container takes 10 to 20 ms. https://wiki.nftables.org, linux/netfilter/nf_tables.h
 */
import { attribute, encodeMessage, flags, text } from './netlink-message.ts';
import { NetlinkSocket, netlinkProtocols } from './netlink-socket.ts';
import { batched, nftHeader, nftType } from './nft-batch.ts';

const messageType = {
  newTable: nftType(0),
  deleteTable: nftType(2),
  newChain: nftType(3),
  newRule: nftType(6),
};
const chain = 'output';

const tableAttribute = { name: 1 } as const;
const chainAttribute = { table: 1, name: 3, hook: 4, type: 7 } as const;
const hookAttribute = { number: 1, priority: 2 } as const;
const ruleAttribute = { table: 1, chain: 2, expressions: 4 } as const;
const expressionAttribute = { name: 1, data: 2 } as const;
const payloadAttribute = { register: 1, base: 2, offset: 3, length: 4 } as const;
const compareAttribute = { register: 1, operation: 2, data: 3 } as const;
const metaAttribute = { register: 1, key: 2 } as const;
const immediateAttribute = { register: 1, data: 2 } as const;
const natAttribute = { type: 1, family: 2, address: 3, port: 5 } as const;
/** A member of a list, a value, are both called 1. */
const member = 1;
const value = 1;

const localOutput = 3;
/** Of destination NAT for packets of the namespace itself. */
const priority = -100;
const networkHeader = 1;
const transportHeader = 2;
const protocolKey = 16;
const equal = 0;
const destinationNat = 1;
const familyInet = 2;

export interface Redirect {
  /** 6 is TCP, 17 UDP. */
  readonly protocol: number;
  /** IPv4, of the namespace itself: the packet goes to another port of the same address. */
  readonly address: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/**
 * Makes the table, in place of one of this name, in the calling thread's present network namespace. Answers come back under the old port by
 * themselves. @throws UnavailableError with the errno's name as its `code`.
 */
export function replaceRedirects(table: string, redirects: readonly Redirect[]): void {
  using socket = NetlinkSocket.open(netlinkProtocols.netfilter);
  const tableMessage = [nftHeader(familyInet), attribute(tableAttribute.name, text(table))];
  const hook = [
    attribute(hookAttribute.number, number(localOutput)),
    attribute(hookAttribute.priority, number(priority)),
  ];
  const messages = [
    // Made first, `delete` succeeds whether it was there or not.
    message(messageType.newTable, tableMessage),
    message(messageType.deleteTable, tableMessage),
    message(messageType.newTable, tableMessage),
    message(messageType.newChain, [
      nftHeader(familyInet),
      attribute(chainAttribute.table, text(table)),
      attribute(chainAttribute.name, text(chain)),
      attribute(chainAttribute.hook, ...hook),
      attribute(chainAttribute.type, text('nat')),
    ]),
    ...redirects.map((redirect, at) =>
      message(messageType.newRule, ruleOf(table, redirect), at === redirects.length - 1 ? flags.ack : 0),
    ),
  ];
  socket.command(`redirect ports by table ${table}`, batched(messages));
}

function ruleOf(table: string, { protocol, address, from, to }: Redirect): Buffer[] {
  const expressions = [
    load(networkHeader, 16, 4),
    compare(address),
    expression('meta', [
      attribute(metaAttribute.register, number(1)),
      attribute(metaAttribute.key, number(protocolKey)),
    ]),
    compare(Uint8Array.of(protocol)),
    load(transportHeader, 2, 2),
    compare(port(from)),
    immediate(1, address),
    immediate(2, port(to)),
    expression('nat', [
      attribute(natAttribute.type, number(destinationNat)),
      attribute(natAttribute.family, number(familyInet)),
      attribute(natAttribute.address, number(1)),
      attribute(natAttribute.port, number(2)),
    ]),
  ];
  return [
    nftHeader(familyInet),
    attribute(ruleAttribute.table, text(table)),
    attribute(ruleAttribute.chain, text(chain)),
    attribute(ruleAttribute.expressions, ...expressions),
  ];
}

function load(base: number, offset: number, length: number): Buffer {
  return expression('payload', [
    attribute(payloadAttribute.register, number(1)),
    attribute(payloadAttribute.base, number(base)),
    attribute(payloadAttribute.offset, number(offset)),
    attribute(payloadAttribute.length, number(length)),
  ]);
}

function compare(bytes: Uint8Array): Buffer {
  return expression('cmp', [
    attribute(compareAttribute.register, number(1)),
    attribute(compareAttribute.operation, number(equal)),
    attribute(compareAttribute.data, attribute(value, bytes)),
  ]);
}

function immediate(register: number, bytes: Uint8Array): Buffer {
  return expression('immediate', [
    attribute(immediateAttribute.register, number(register)),
    attribute(immediateAttribute.data, attribute(value, bytes)),
  ]);
}

function expression(name: string, data: readonly Buffer[]): Buffer {
  return attribute(
    member,
    attribute(expressionAttribute.name, text(name)),
    attribute(expressionAttribute.data, ...data),
  );
}

function message(type: number, payload: readonly Uint8Array[], more = 0): Buffer {
  return encodeMessage(type, flags.create | more, Buffer.concat(payload));
}

/** 32 bits in network order, as this subsystem has all its numbers. */
function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function port(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 255);
}
