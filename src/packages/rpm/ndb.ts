/**
 * rpm's database on SUSE, `Packages.db`: slots that say where the header of each package is, in blocks of 16 bytes.
 * https://github.com/rpm-software-management/rpm/blob/master/lib/backend/ndb/rpmpkg.c tells its layout. Little-endian.
 */
import type { Package } from '../package.ts';
import { parseRpmHeader } from './header.ts';

const magics = { file: 0x506d7052, slot: 0x746f6c53, blob: 0x53626c42 } as const;
const pageSize = 4096;
const slotSize = 16;
const blockSize = 16;
const blobHead = 16;
const mostPages = 4096;

/** Slots or headers that are torn are passed over. @returns nothing for a file that is no such database. */
export function parseRpmNdb(bytes: Uint8Array): Package[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < pageSize || view.getUint32(0, true) !== magics.file) return [];
  const pages = Math.min(view.getUint32(12, true), mostPages);
  const end = Math.min(pages * pageSize, bytes.byteLength);
  const found: Package[] = [];
  // The head of the file takes the place of the first two slots.
  for (let at = 2 * slotSize; at + slotSize <= end; at += slotSize) {
    if (view.getUint32(at, true) !== magics.slot) continue;
    const key = view.getUint32(at + 4, true);
    const start = view.getUint32(at + 8, true) * blockSize;
    const installed = key === 0 ? undefined : readBlob(bytes, view, start);
    if (installed) found.push(installed);
  }
  return found;
}

function readBlob(bytes: Uint8Array, view: DataView, start: number): Package | undefined {
  if (start + blobHead > bytes.byteLength || view.getUint32(start, true) !== magics.blob) return undefined;
  const size = view.getUint32(start + 12, true);
  const content = start + blobHead;
  return content + size > bytes.byteLength
    ? undefined
    : parseRpmHeader(bytes.subarray(content, content + size));
}
