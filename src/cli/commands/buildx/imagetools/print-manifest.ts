/** What a registry has under a name, as `docker buildx imagetools inspect` prints it. Pure. */
import type { Descriptor } from '../../../../oci/image/descriptor.ts';
import { formatPlatform } from '../../../../oci/image/platform.ts';
import { formatReference, type Reference } from '../../../../oci/image/reference.ts';
import { printable } from '../../../printable.ts';
import { alignTabs } from '../../../table.ts';

/** @param listed the entries of an index; undefined for an image. */
export function printManifest(
  name: Reference,
  { mediaType, digest }: Descriptor,
  listed: readonly Descriptor[] | undefined,
): string {
  const head = align([`Name:\t${formatReference(name)}`, `MediaType:\t${mediaType}`, `Digest:\t${digest}`]);
  if (!listed) return head;
  return head + align(['\t', 'Manifests:\t']) + printEntries(name, listed);
}

/** The columns begin anew where annotations come between. */
function printEntries(name: Reference, listed: readonly Descriptor[]): string {
  let text = '';
  let lines: string[] = [];
  for (const [at, { digest, mediaType, platform, urls = [], annotations = {} }] of listed.entries()) {
    if (at > 0) lines.push('\t');
    lines.push(`  Name:\t${formatReference({ ...name, digest })}`, `  MediaType:\t${printable(mediaType)}`);
    if (!platform) continue;
    const { 'os.version': version, 'os.features': features = [] } = platform;
    lines.push(`  Platform:\t${printable(formatPlatform(platform))}`);
    if (version) lines.push(`  OSVersion:\t${printable(version)}`);
    if (features.length > 0) lines.push(`  OSFeatures:\t${printable(features.join(', '))}`);
    if (urls.length > 0) lines.push(`  URLs:\t${printable(urls.join(', '))}`);
    const notes = Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (notes.length === 0) continue;
    text +=
      align([...lines, '  Annotations:\t']) +
      align(notes.map(([key, value]) => `    ${printable(key)}:\t${printable(value)}`));
    lines = [];
  }
  return text + align(lines);
}

function align(lines: readonly string[]): string {
  return alignTabs(lines.map((line) => `${line}\n`).join(''), 0, 1);
}
