/**
 * The four ways in which GNU tar leaves the holes of a sparse file out of an archive: the old header's table, and
 * pax 0.0, 0.1 and 1.0. https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html
 */
import { CorruptError } from '../../lib/errors.ts';
import type { ByteReader } from './byte-reader.ts';
import { type PaxRecord, parsePaxNumber } from './pax.ts';
import { blockSize, parseNumber } from './tar-header.ts';

/** A stretch of data; what no segment covers is a hole. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** The true size and the data of a sparse file. */
export interface SparseMap {
  readonly size: number;
  readonly segments: readonly Segment[];
}

/** A map of more stretches than this is an attack on memory. */
const maxSegments = 1_000_000;

/** @throws CorruptError unless the segments ascend within the file and hold just the bytes that the archive has. */
export function checkSparse(map: SparseMap, stored: number): SparseMap {
  let end = 0;
  let total = 0;
  for (const { offset, length } of map.segments) {
    if (offset < end || length < 0 || offset + length > map.size) throw invalidSparse();
    end = offset + length;
    total += length;
  }
  if (total !== stored) throw invalidSparse();
  return { size: map.size, segments: map.segments.filter((segment) => segment.length > 0) };
}

/** The old GNU header: four pairs in the header itself, twenty-one in each block that may follow. */
export function readOldGnuSparse(header: Buffer, reader: ByteReader): SparseMap {
  const segments = [...tablePairs(header.subarray(386, 482))];
  let isExtended = header[482] !== 0;
  const size = parseNumber(header, 483, 495);
  while (isExtended) {
    const block = reader.read(blockSize);
    segments.push(...tablePairs(block.subarray(0, 504)));
    if (segments.length > maxSegments) throw invalidSparse();
    isExtended = block[504] !== 0;
  }
  return { size, segments };
}

function* tablePairs(table: Buffer): Generator<Segment> {
  for (let at = 0; at + 24 <= table.length; at += 24) {
    if (table[at] === 0) return;
    yield {
      offset: parseNumber(table, at, at + 12),
      length: parseNumber(table, at + 12, at + 24),
    };
  }
}

/** Pax 0.0 repeats two keys, 0.1 has one list; both give the size apart. Undefined where neither is there. */
export function parsePaxSparse(records: readonly PaxRecord[]): SparseMap | undefined {
  const numbers: number[] = [];
  let size: number | undefined;
  let isSparse = false;
  for (const [key, value] of records) {
    if (key === 'GNU.sparse.size') size = parsePaxNumber(value);
    else if (key === 'GNU.sparse.numblocks') isSparse = true;
    else if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
      numbers.push(parsePaxNumber(value));
    else if (key === 'GNU.sparse.map') numbers.push(...parseList(value));
  }
  if (!isSparse || size === undefined) return undefined;
  return { size, segments: pair(numbers) };
}

function parseList(value: Buffer): number[] {
  return value.length === 0
    ? []
    : value
        .toString('latin1')
        .split(',')
        .map((text) => parsePaxNumber(Buffer.from(text)));
}

function pair(numbers: readonly number[]): Segment[] {
  if (numbers.length % 2 !== 0) throw invalidSparse();
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: numbers[index * 2] ?? 0,
    length: numbers[index * 2 + 1] ?? 0,
  }));
}

/** Pax 1.0: the map stands before the data, decimal lines, padded to whole blocks. @returns also its length. */
export function readPaxSparse1(
  reader: ByteReader,
  size: number,
  stored: number,
): SparseMap & { mapLength: number } {
  const lines = new DecimalLines(reader, stored);
  const count = lines.next();
  if (count > maxSegments) throw invalidSparse();
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    const offset = lines.next();
    segments.push({ offset, length: lines.next() });
  }
  return { size, segments, mapLength: lines.length };
}

/** Numbers on lines, read block by block, since the data begins at a block's edge. */
class DecimalLines {
  readonly #reader: ByteReader;
  readonly #limit: number;
  #text = '';
  length = 0;

  constructor(reader: ByteReader, limit: number) {
    this.#reader = reader;
    this.#limit = limit;
  }

  next(): number {
    let newline = this.#text.indexOf('\n');
    for (; newline === -1; newline = this.#text.indexOf('\n')) {
      if (this.length + blockSize > this.#limit || this.#text.length > 32) throw invalidSparse();
      this.#text += this.#reader.read(blockSize).toString('latin1');
      this.length += blockSize;
    }
    const number = parsePaxNumber(Buffer.from(this.#text.slice(0, newline)));
    this.#text = this.#text.slice(newline + 1);
    return number;
  }
}

function invalidSparse(): CorruptError {
  return new CorruptError('archive/tar: invalid sparse map');
}
