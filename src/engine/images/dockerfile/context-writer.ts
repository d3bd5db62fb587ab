/** A Dockerfile and the files that it needs, as one tar on a descriptor. Archives in it are written through, never held. */
import { emptyHeader } from '../../../oci/layer/tar-header.ts';
import { encodeTarHeader, endOfArchive, tarPadding } from '../../../oci/layer/tar.ts';
import { AT_FDCWD } from '../../linux/libc.ts';
import { type MemberOutput, MemberWriter } from '../../snapshots/member-writer.ts';
import type { OutputBuffer } from '../../snapshots/output-buffer.ts';
import { parentsOf } from './layer-plan.ts';
import type { ScannedEntry } from './layer-scan.ts';

/** Below the Dockerfile: `layer-2/files`, or `layer-2/special.tar`. */
export interface ContextPart {
  readonly kind: 'tree' | 'archive';
  readonly path: string;
  readonly entries: readonly ScannedEntry[];
}

export function writeContext(dockerfile: string, parts: readonly ContextPart[], output: OutputBuffer): void {
  const text = Buffer.from(dockerfile);
  const made = new Set<string>();
  output.write(
    encodeTarHeader({ ...emptyHeader, name: Buffer.from('Dockerfile'), mode: 0o644, size: text.length }),
  );
  output.write(text);
  output.write(tarPadding(text.length));
  for (const part of parts) {
    makeParents(Buffer.from(part.path), made, output);
    if (part.kind === 'tree') writeTree(part, made, output);
    else writeArchive(part, output);
  }
  output.write(endOfArchive);
  output.flush();
}

function writeTree({ path, entries }: ContextPart, made: Set<string>, output: OutputBuffer): void {
  const members = memberWriter(output);
  for (const { path: below, place, stat } of entries) {
    const name = Buffer.concat([Buffer.from(`${path}/`), below]);
    makeParents(name, made, output);
    members.write(name, { parent: AT_FDCWD, name: place }, stat);
  }
}

/** COPY takes their modes over, so they must not be left to somebody's umask. */
function makeParents(path: Buffer, made: Set<string>, output: OutputBuffer): void {
  for (const parent of parentsOf(path).toReversed()) {
    if (made.has(parent)) continue;
    made.add(parent);
    const name = Buffer.from(`${parent}/`, 'latin1');
    output.write(encodeTarHeader({ ...emptyHeader, name, type: 'directory', mode: 0o755 }));
  }
}

function writeArchive({ path, entries }: ContextPart, output: OutputBuffer): void {
  const count = new CountedOutput();
  writeMembers(entries, count);
  output.write(encodeTarHeader({ ...emptyHeader, name: Buffer.from(path), mode: 0o644, size: count.size }));
  writeMembers(entries, output);
  output.write(tarPadding(count.size));
}

function writeMembers(entries: readonly ScannedEntry[], output: MemberOutput): void {
  const members = memberWriter(output);
  for (const { path, place, stat } of entries) members.write(path, { parent: AT_FDCWD, name: place }, stat);
  output.write(endOfArchive);
}

function memberWriter(output: MemberOutput): MemberWriter {
  return new MemberWriter(output, (_, place) => place);
}

/** A tar tells how long a member is before its bytes: so it is written once for nothing. */
class CountedOutput implements MemberOutput {
  size = 0;

  write(bytes: Uint8Array): void {
    this.size += bytes.length;
  }

  writeFile(_: number, size: number): void {
    this.size += size;
  }
}
