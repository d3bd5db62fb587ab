/** Headers of rpm and the databases that hold them, as rpm writes them, for tests. */
import { Database } from 'bun:sqlite';

export interface RpmFields {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly epoch?: number;
  readonly licence?: string;
}

/** The header of an installed package: index and values, without the magic of a file. */
export function rpmHeader({ name, version, release, epoch, licence }: RpmFields): Uint8Array {
  const values: [tag: number, type: number, bytes: Uint8Array][] = [];
  const addText = (tag: number, text: string | undefined): void => {
    if (text !== undefined) values.push([tag, 6, new TextEncoder().encode(`${text}\0`)]);
  };
  addText(1000, name);
  addText(1001, version);
  addText(1002, release);
  if (epoch !== undefined) values.push([1003, 4, Uint8Array.of(0, 0, 0, epoch)]);
  addText(1014, licence);
  addText(1022, 'x86_64');
  addText(1044, `${name}-${version}-${release}.src.rpm`);
  const store = values.reduce((sum, [, , bytes]) => sum + bytes.byteLength, 0);
  const header = new Uint8Array(8 + values.length * 16 + store);
  const view = new DataView(header.buffer);
  view.setUint32(0, values.length);
  view.setUint32(4, store);
  let offset = 0;
  for (const [index, [tag, type, bytes]] of values.entries()) {
    for (const [place, number] of [tag, type, offset, 1].entries()) {
      view.setUint32(8 + index * 16 + place * 4, number);
    }
    header.set(bytes, 8 + values.length * 16 + offset);
    offset += bytes.byteLength;
  }
  return header;
}

/** `rpmdb.sqlite`. */
export function rpmSqlite(headers: readonly Uint8Array[]): Uint8Array {
  using database = new Database(':memory:');
  database.run("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)");
  for (const header of headers) database.query('INSERT INTO Packages (blob) VALUES (?)').run(header);
  return database.serialize();
}

/** `Packages.db`: one page of slots, and the headers behind it. */
export function rpmNdb(headers: readonly Uint8Array[]): Uint8Array {
  const blocks = headers.map((header) => Math.ceil((header.byteLength + 28) / 16));
  const file = new Uint8Array(4096 + blocks.reduce((sum, count) => sum + count * 16, 0));
  const view = new DataView(file.buffer);
  const write = (at: number, ...numbers: number[]): void =>
    numbers.forEach((number, index) => view.setUint32(at + index * 4, number, true));
  write(0, 0x506d7052, 0, 1, 1, headers.length + 1);
  for (let at = 32; at < 4096; at += 16) write(at, 0x746f6c53);
  let block = 4096 / 16;
  for (const [index, header] of headers.entries()) {
    write(32 + index * 16, 0x746f6c53, index + 1, block, blocks[index] ?? 0);
    write(block * 16, 0x53626c42, index + 1, 1, header.byteLength);
    file.set(header, block * 16 + 16);
    block += blocks[index] ?? 0;
  }
  return file;
}

/** `Packages` of Berkeley DB: a page of the hash, and pages of 512 bytes on which each header goes on. */
export function rpmBerkeley(headers: readonly Uint8Array[]): Uint8Array {
  const size = 512;
  const pages: Uint8Array[] = [new Uint8Array(size), new Uint8Array(size)];
  const [meta, hash] = pages.map((page) => new DataView(page.buffer));
  if (!meta || !hash) throw new TypeError('two pages');
  meta.setUint32(12, 0x061561, true);
  meta.setUint32(20, size, true);
  hash.setUint8(25, 13);
  hash.setUint16(20, headers.length * 2, true);
  let end = size;
  const put = (index: number, item: Uint8Array): void => {
    end -= item.byteLength;
    pages[1]?.set(item, end);
    hash.setUint16(26 + index * 2, end, true);
  };
  for (const [index, header] of headers.entries()) {
    put(index * 2, Uint8Array.of(1, index + 1, 0, 0, 0));
    const item = new Uint8Array(12);
    const view = new DataView(item.buffer);
    view.setUint8(0, 3);
    view.setUint32(4, pages.length, true);
    view.setUint32(8, header.byteLength, true);
    put(index * 2 + 1, item);
    for (let at = 0; at < header.byteLength; at += size - 26) {
      const page = new Uint8Array(size);
      const isLast = at + size - 26 >= header.byteLength;
      new DataView(page.buffer).setUint32(16, isLast ? 0 : pages.length + 1, true);
      page[25] = 7;
      page.set(header.subarray(at, at + size - 26), 26);
      pages.push(page);
    }
  }
  return Buffer.concat(pages);
}
