/**
 * The process that takes a saved archive apart: archive on standard input, compressed or not, its members on standard
 * output, each a line of JSON and its bytes. A process of its own, because reading a tar is synchronous here and the
 * archive is hostile. It writes no file and ends with the engine.
 */
import { CorruptError, UnsupportedError } from '../../../lib/errors.ts';
import { layerFailure } from '../../../oci/layer/layer-failure.ts';
import { LayerSource } from '../../../oci/layer/layer-source.ts';
import { type TarEntry, untar } from '../../../oci/layer/untar.ts';
import { writeFully } from '../../linux/file.ts';
import { dieWithParent } from '../../linux/process.ts';
import { OutputBuffer } from '../../snapshots/output-buffer.ts';

/** What comes before the bytes of a member. */
export interface MemberHeader {
  readonly name: string;
  readonly type: TarEntry['type'];
  /** Of the bytes that follow. */
  readonly size: number;
  /** Where a link leads. */
  readonly link: string;
}

/** The last line: all was read. Without it, standard error says why not. */
export const endOfMembers = 'end';

const stdout = 1;
const stderr = 2;

/** `argv`: `… @members` or `… @members plain`. @returns the exit code. */
export function runMemberChild(argv: readonly string[] = process.argv): number {
  dieWithParent();
  const source = new LayerSource({ digests: false });
  const output = new OutputBuffer(stdout);
  try {
    if (argv.includes(plainWord)) copyPlain(source, output);
    else writeMembers(source, output);
    output.flush();
    // Bytes that could not be read on end like all bytes do.
    if (source.failure) throw new CorruptError(source.failure.error);
    return 0;
  } catch (error) {
    writeFully(stderr, Buffer.from(JSON.stringify(source.failure ?? layerFailure(error))));
    return 1;
  }
}

/** Asks for the bytes alone, decompressed and not taken apart. */
export const plainWord = 'plain';

function copyPlain(source: LayerSource, output: OutputBuffer): void {
  for (let chunk = source.next(); chunk.length > 0; chunk = source.next()) output.write(chunk);
}

function writeMembers(source: LayerSource, output: OutputBuffer): void {
  for (const entry of untar(source.next)) {
    const { type, size } = entry;
    // No tool writes them, and a few bytes of one stand for any number of zeros.
    if (entry.segments.length > 1 || (entry.segments[0]?.length ?? 0) !== size)
      throw new UnsupportedError(`archive holds a sparse file: ${entry.name.toString()}`);
    const header: MemberHeader = {
      name: entry.name.toString(),
      type,
      size,
      link: entry.linkName.toString(),
    };
    output.write(Buffer.from(`${JSON.stringify(header)}\n`));
    for (const chunk of entry.content()) output.write(chunk);
  }
  output.write(Buffer.from(`${JSON.stringify(endOfMembers)}\n`));
}
