/** A layer's archive in one line: files by path, with their text or where they lead. */
import { tar } from '../../../src/oci/layer/tar.ts';
import type { TarHeader } from '../../../src/oci/layer/tar-header.ts';

type Content = string | Uint8Array | { readonly leadsTo: string };

export async function archiveOf(files: Readonly<Record<string, Content>>): Promise<Uint8Array> {
  const members = Object.entries(files).map(([name, content]) => {
    const isLink = typeof content === 'object' && 'leadsTo' in content;
    const bytes = isLink ? Buffer.alloc(0) : Buffer.from(content as string);
    const header: TarHeader = {
      name: Buffer.from(name),
      type: isLink ? 'symlink' : 'file',
      mode: isLink ? 0o777 : 0o644,
      uid: 0,
      gid: 0,
      size: bytes.length,
      mtime: { seconds: 1_700_000_000, nanoseconds: 0 },
      linkName: Buffer.from(isLink ? content.leadsTo : ''),
      major: 0,
      minor: 0,
      xattrs: new Map(),
    };
    return { header, content: bytes.length === 0 ? [] : [bytes] };
  });
  return Buffer.concat(await Array.fromAsync(tar(members)));
}
