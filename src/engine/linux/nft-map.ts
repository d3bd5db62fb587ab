/**
 * Elements of an nftables map, put in and taken out in-process: one transaction of the kernel's, well under a millisecond, where
 * a run of `nft` takes 10 to 20 ms. Tables, maps and rules themselves are made by nft.
 * https://wiki.nftables.org, linux/netfilter/nf_tables.h
 */
import { attribute, encodeMessage, flags, text } from './netlink-message.ts';
import { NetlinkSocket, netlinkProtocols } from './netlink-socket.ts';
import { batched, nftHeader, nftType } from './nft-batch.ts';

const messageType = { newElements: nftType(12), deleteElements: nftType(14) };
const listAttribute = { table: 1, map: 2, elements: 3 } as const;
const elementAttribute = { key: 1, data: 2 } as const;
/** A member of a list, a value, are both called 1. */
const member = 1;
const value = 1;

export interface MapElement {
  /** The fields one after the other, each padded to four bytes, in network order. */
  readonly key: Uint8Array;
  readonly data: Uint8Array;
}

/** @throws UnavailableError with `code` EEXIST when the key leads elsewhere already, ENOENT when there is no such map. */
export function addElement(table: string, map: string, element: MapElement): void {
  change(messageType.newElements, flags.create, table, map, element);
}

/** @throws UnavailableError with `code` ENOENT when it is not there. */
export function deleteElement(table: string, map: string, element: MapElement): void {
  change(messageType.deleteElements, 0, table, map, element);
}

function change(type: number, messageFlags: number, table: string, map: string, element: MapElement): void {
  using socket = NetlinkSocket.open(netlinkProtocols.netfilter);
  const payload = [
    nftHeader(addressFamilyInet),
    attribute(listAttribute.table, text(table)),
    attribute(listAttribute.map, text(map)),
    attribute(
      listAttribute.elements,
      attribute(
        member,
        attribute(elementAttribute.key, attribute(value, element.key)),
        attribute(elementAttribute.data, attribute(value, element.data)),
      ),
    ),
  ];
  const request = encodeMessage(type, messageFlags | flags.ack, Buffer.concat(payload));
  socket.command(`change map ${map} of table ${table}`, batched([request]));
}

const addressFamilyInet = 2;
