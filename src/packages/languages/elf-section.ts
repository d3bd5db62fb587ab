/** Where a section of an ELF program is. https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html. Hostile. */

export interface FileRange {
  readonly offset: number;
  readonly size: number;
}

const magic = 0x7f454c46;
const mostSections = 1000;

/** The table of sections, to be read and given to `sectionNamed`. @param head the first 64 bytes. */
export function sectionTable(head: Uint8Array): FileRange | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  // Programs of 64 bits, little-endian: what Go is used for on Linux.
  if (head.byteLength < 64 || view.getUint32(0) !== magic || head[4] !== 2 || head[5] !== 1) return undefined;
  const count = view.getUint16(60, true);
  const offset = Number(view.getBigUint64(40, true));
  const isSane =
    view.getUint16(58, true) === 64 && count > 0 && count <= mostSections && Number.isSafeInteger(offset);
  return isSane ? { offset, size: count * 64 } : undefined;
}

/** Where the names of the sections are: the section that the head names. */
export function nameTable(head: Uint8Array, table: Uint8Array): FileRange | undefined {
  return rangeAt(table, new DataView(head.buffer, head.byteOffset).getUint16(62, true));
}

export function sectionNamed(name: string, table: Uint8Array, names: Uint8Array): FileRange | undefined {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const text = Buffer.from(names.buffer, names.byteOffset, names.byteLength);
  for (let index = 0; index * 64 + 64 <= table.byteLength; index++) {
    const start = view.getUint32(index * 64, true);
    if (text.toString('latin1', start, start + name.length + 1) === `${name}\0`) return rangeAt(table, index);
  }
  return undefined;
}

function rangeAt(table: Uint8Array, index: number): FileRange | undefined {
  const at = index * 64;
  if (at + 64 > table.byteLength) return undefined;
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const [offset, size] = [Number(view.getBigUint64(at + 24, true)), Number(view.getBigUint64(at + 32, true))];
  return Number.isSafeInteger(offset + size) ? { offset, size } : undefined;
}
