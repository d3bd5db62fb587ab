/**
 * rpm's database up to 4.15, `Packages`: a hash of Berkeley DB whose values are headers, most of them on pages of their
 * own. https://docs.oracle.com/database/bdb181/html/programmer_reference tells the idea, db_page.h of Berkeley DB the
 * layout. Hostile: chains of pages are as long as the file at most.
 */
import type { Package } from '../package.ts';
import { parseRpmHeader } from './header.ts';

const hashMagic = 0x061561;
const pageTypes = { unsortedHash: 2, overflow: 7, hash: 13 } as const;
const itemTypes = { keyData: 1, offPage: 3 } as const;
const pageHead = 26;

/** @returns nothing for a file that is no such database. */
export function parseRpmBerkeley(bytes: Uint8Array): Package[] {
  const file = openPages(bytes);
  if (!file) return [];
  const found: Package[] = [];
  for (let page = 1; page < file.count; page++) {
    for (const value of valuesOf(file, page)) {
      const installed = parseRpmHeader(value);
      if (installed) found.push(installed);
    }
  }
  return found;
}

interface Pages {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly size: number;
  readonly count: number;
  readonly isLittle: boolean;
}

function openPages(bytes: Uint8Array): Pages | undefined {
  if (bytes.byteLength < 512) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = view.getUint32(12, true) === hashMagic;
  if (!isLittle && view.getUint32(12) !== hashMagic) return undefined;
  const size = view.getUint32(20, isLittle);
  if (size < 512 || size > 65_536 || (size & (size - 1)) !== 0) return undefined;
  return { bytes, view, size, count: Math.floor(bytes.byteLength / size), isLittle };
}

/** Keys and values take turns in a page's index; the offsets lead from the page's end downwards. */
function* valuesOf(file: Pages, page: number): Generator<Uint8Array> {
  const { view, size, isLittle, bytes } = file;
  const start = page * size;
  const type = view.getUint8(start + 25);
  if (type !== pageTypes.hash && type !== pageTypes.unsortedHash) return;
  const entries = Math.min(view.getUint16(start + 20, isLittle), Math.floor((size - pageHead) / 2));
  let end = size;
  for (let index = 0; index < entries; index++) {
    const offset = view.getUint16(start + pageHead + index * 2, isLittle);
    const [from, to] = [start + offset, start + end];
    end = offset;
    if (offset < pageHead || from >= to || index % 2 === 0) continue;
    const kind = view.getUint8(from);
    if (kind === itemTypes.keyData) yield bytes.subarray(from + 1, to);
    else if (kind === itemTypes.offPage && from + 12 <= to) {
      yield overflow(file, view.getUint32(from + 4, isLittle), view.getUint32(from + 8, isLittle));
    }
  }
}

/** A value that is longer than a page: pages that lead from one to the next. */
function overflow({ bytes, view, size, count, isLittle }: Pages, first: number, length: number): Uint8Array {
  const value = new Uint8Array(Math.min(length, bytes.byteLength));
  let done = 0;
  let page = first;
  for (let steps = 0; page > 0 && page < count && steps < count && done < value.byteLength; steps++) {
    const start = page * size;
    if (view.getUint8(start + 25) !== pageTypes.overflow) break;
    const part = bytes.subarray(start + pageHead, start + Math.min(size, pageHead + value.byteLength - done));
    value.set(part, done);
    done += part.byteLength;
    page = view.getUint32(start + 16, isLittle);
  }
  return value.subarray(0, done);
}
