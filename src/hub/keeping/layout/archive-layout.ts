/** A layout in a tar archive: where each member stands is noted in one pass over the headers, and bytes are read where they are. */
import { CorruptError, InvalidError } from '../../../lib/errors.ts';
import { parsePax, parsePaxNumber } from '../../../oci/layer/pax.ts';
import { blockSize, cBytes, isZeroBlock, parseHeaderBlock } from '../../../oci/layer/tar-header.ts';
import type { OciLayout } from './oci-layout.ts';

const maxMembers = 1_000_000;
/** Of what a long name or a pax header may say. */
const maxSpecialSize = 64 * 1024;

interface Special {
  readonly path?: string;
  readonly size?: number;
}

export class ArchiveLayout implements OciLayout {
  readonly #members: ReadonlyMap<string, Blob>;

  private constructor(members: ReadonlyMap<string, Blob>) {
    this.#members = members;
  }

  /** @throws InvalidError where it is no tar archive; CorruptError where it ends too early or holds what no layout has. */
  static async open(archive: Blob): Promise<ArchiveLayout> {
    const members = new Map<string, Blob>();
    let special: Special = {};
    for (let at = 0; at + blockSize <= archive.size;) {
      const block = await bytesAt(archive, at, blockSize);
      if (isZeroBlock(block)) break;
      const header = parseFirst(block, at);
      const size = special.size ?? header.size;
      const start = at + blockSize;
      if (size < 0 || start + size > archive.size) throw new CorruptError('the archive ends too early');
      at = start + Math.ceil(size / blockSize) * blockSize;
      switch (header.typeFlag) {
        case 'x':
        case 'L':
          special = { ...special, ...(await readSpecial(archive, start, size, header.typeFlag)) };
          continue;
        case 'g':
          continue;
        case '0':
        case '\0':
          add(members, special.path ?? header.name.toString(), archive.slice(start, start + size));
          break;
        case '5':
          safeName(special.path ?? header.name.toString());
          break;
        default:
          throw new CorruptError(
            `invalid layout: ${JSON.stringify(header.name.toString())} is a link, or no file`,
          );
      }
      special = {};
    }
    return new ArchiveLayout(members);
  }

  async open(path: string): Promise<Blob | undefined> {
    return this.#members.get(path);
  }
}

function parseFirst(block: Buffer, at: number): ReturnType<typeof parseHeaderBlock> {
  try {
    return parseHeaderBlock(block);
  } catch (cause) {
    if (at > 0) throw cause;
    throw new InvalidError('this is no tar archive: unpack it first where it is compressed', { cause });
  }
}

/** What stands before a member whose name or size does not fit into its header. */
async function readSpecial(archive: Blob, at: number, size: number, kind: 'x' | 'L'): Promise<Special> {
  if (size > maxSpecialSize) throw new CorruptError('invalid archive: a header is too long');
  const bytes = await bytesAt(archive, at, size);
  if (kind === 'L') return { path: cBytes(bytes).toString() };
  const records = new Map(parsePax(bytes));
  const path = records.get('path');
  const length = records.get('size');
  return { ...(path && { path: path.toString() }), ...(length && { size: parsePaxNumber(length) }) };
}

function add(members: Map<string, Blob>, name: string, content: Blob): void {
  const path = safeName(name);
  // Readers differ in which of two they take.
  if (members.has(path)) throw new CorruptError(`invalid layout: ${path} is in it twice`);
  if (members.size >= maxMembers) throw new CorruptError('invalid layout: it has too many files');
  members.set(path, content);
}

function safeName(name: string): string {
  const path = name.replace(/^(?:\.\/)+/, '');
  if (path.startsWith('/') || path.split('/').includes('..') || path.includes('\0')) {
    throw new CorruptError(`invalid layout: ${JSON.stringify(name)} is outside of it`);
  }
  return path;
}

async function bytesAt(archive: Blob, at: number, size: number): Promise<Buffer> {
  return Buffer.from(await archive.slice(at, at + size).arrayBuffer());
}
