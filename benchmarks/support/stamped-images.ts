/**
 * Images of one layer that differ in a stamp only, so that every pull is a first one. Pulling the same image again would
 * mean removing it before, and ext4 makes new files slowly for minutes after thousands were deleted.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Digester, digestOf, hexOf, parseDigest } from '../../src/oci/image/digest.ts';
import { tar } from '../../src/oci/layer/tar.ts';
import { command } from './measure.ts';

interface Manifest {
  config: { digest: string; size: number };
  layers: { digest: string; size: number }[];
}

/**
 * Copies an image of one layer `count` times, each with a file of its own before the others: gzip members and tar
 * members can be put one after another, so nothing is compressed anew.
 * @param source a directory as `skopeo copy … dir:` writes it. @returns directories of the same kind.
 */
export async function stampImages(source: string, target: string, count: number): Promise<string[]> {
  const manifest = (await Bun.file(join(source, 'manifest.json')).json()) as Manifest;
  const [layer] = manifest.layers;
  if (!layer) throw new RangeError('the image has no layer');
  const layerFile = Bun.file(join(source, fileOf(layer.digest)));
  const config = (await Bun.file(join(source, fileOf(manifest.config.digest))).json()) as {
    rootfs: { diff_ids: string[] };
  };
  const directories: string[] = [];
  for (let index = 0; index < count; index++) {
    const stamp = await stampMember(`stamp ${index} of ${Date.now()}`);
    const digester = new Digester().update(stamp);
    const packed = await layerFile.bytes();
    digester.update(gunzipSync(packed));
    const blob = Buffer.concat([gzipSync(stamp), packed]);
    const configBytes = JSON.stringify({
      ...config,
      rootfs: { ...config.rootfs, diff_ids: [digester.digest()] },
    });
    const stamped = {
      ...manifest,
      config: { ...manifest.config, digest: digestOf(configBytes), size: configBytes.length },
      layers: [{ ...layer, digest: digestOf(blob), size: blob.length }],
    };
    const directory = join(target, `stamped-${index}`);
    await mkdir(directory, { recursive: true });
    await Bun.write(join(directory, 'version'), await Bun.file(join(source, 'version')).text());
    await Bun.write(join(directory, fileOf(stamped.config.digest)), configBytes);
    await Bun.write(join(directory, fileOf(digestOf(blob))), blob);
    await Bun.write(join(directory, 'manifest.json'), JSON.stringify(stamped));
    directories.push(directory);
  }
  return directories;
}

/** One file in a tar without the end of the archive. */
async function stampMember(text: string): Promise<Buffer> {
  const header = {
    name: Buffer.from('stamp'),
    type: 'file' as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: Buffer.byteLength(text),
    mtime: { seconds: 0, nanoseconds: 0 },
    linkName: Buffer.alloc(0),
    major: 0,
    minor: 0,
    xattrs: new Map<string, Buffer>(),
  };
  const archive = Buffer.concat(await Array.fromAsync(tar([{ header, content: [Buffer.from(text)] }])));
  return archive.subarray(0, 1024);
}

function fileOf(digest: string): string {
  return hexOf(parseDigest(digest));
}

/** Pushes such a directory under this name. */
export async function pushDirectory(directory: string, name: string, credentials?: string): Promise<void> {
  const login = credentials === undefined ? [] : ['--dest-creds', credentials];
  await command([
    'skopeo',
    'copy',
    '--dest-tls-verify=false',
    ...login,
    `dir:${directory}`,
    `docker://${name}`,
  ]);
}
