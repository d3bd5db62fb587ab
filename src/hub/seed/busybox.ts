/** The busybox image, made of the machine's own static busybox. The same binary gives the same layer, byte for byte. */
import { open, stat } from 'node:fs/promises';
import { UnavailableError } from '../../lib/errors.ts';
import { runChecked } from '../../lib/subprocess.ts';
import { tar, type TarMember } from '../../oci/layer/tar.ts';
import type { TarHeader } from '../../oci/layer/tar-header.ts';
import { parseRepositoryPath } from '../repositories/repository-path.ts';
import type { SeedImage } from './seed-image.ts';

const directories: readonly (readonly [path: string, mode: number])[] = [
  ['.', 0o755],
  ['bin', 0o755],
  ['dev', 0o755],
  ['etc', 0o755],
  ['home', 0o755],
  ['proc', 0o755],
  ['root', 0o700],
  ['sys', 0o755],
  ['tmp', 0o1777],
  ['usr', 0o755],
  ['usr/bin', 0o755],
  ['usr/sbin', 0o755],
  ['var', 0o755],
  ['var/tmp', 0o1777],
];

const files: readonly (readonly [path: string, mode: number, content: string])[] = [
  [
    'etc/passwd',
    0o644,
    'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
  ],
  ['etc/group', 0o644, 'root:x:0:\ndaemon:x:1:\ntty:x:5:\nusers:x:100:\nnogroup:x:65534:\n'],
  ['etc/shadow', 0o640, 'root:*:::::::\ndaemon:*:::::::\nnobody:*:::::::\n'],
];

/** Scripts begin with /usr/bin/env wherever they are from. */
const envTarget = Buffer.from(['..', '..', 'bin', 'env'].join('/'));

/** @param binary a statically linked busybox. @throws UnavailableError when there is none. */
export async function busyboxImage(binary: string): Promise<SeedImage> {
  const { mtime } = await stat(binary).catch((cause: unknown) => {
    throw new UnavailableError(
      `cannot make the busybox image: ${binary} is missing, install busybox-static`,
      {
        cause,
      },
    );
  });
  const applets = (await runChecked([binary, '--list'])).split('\n').filter(Boolean);
  const banner = await runChecked([binary, '--help']);
  const version = /^BusyBox v(\d[\w.]*)/.exec(banner)?.[1];
  return {
    path: parseRepositoryPath('library', 'busybox'),
    tags: ['latest', ...(version ? [version] : [])],
    command: ['sh'],
    createdBy: 'busybox-static and its applets, put in place by cais hub seed',
    created: mtime,
    layer: tar(members(binary, applets, mtime)),
  };
}

/** Applets are hard links to the one binary, as in Docker's own image. */
async function* members(
  binary: string,
  applets: readonly string[],
  mtime: Date,
): AsyncGenerator<TarMember, void, undefined> {
  const time = { seconds: Math.floor(mtime.getTime() / 1000), nanoseconds: 0 };
  const header = (name: string, rest: Partial<TarHeader> & Pick<TarHeader, 'type'>): TarHeader => ({
    name: Buffer.from(name),
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: time,
    linkName: Buffer.alloc(0),
    major: 0,
    minor: 0,
    xattrs: new Map(),
    ...rest,
  });
  for (const [path, mode] of directories) yield { header: header(`${path}/`, { type: 'directory', mode }) };
  const { size } = await stat(binary);
  yield { header: header('bin/busybox', { type: 'file', size }), content: read(binary) };
  for (const applet of applets.filter((name) => name !== 'busybox')) {
    yield { header: header(`bin/${applet}`, { type: 'link', linkName: Buffer.from('bin/busybox') }) };
  }
  yield { header: header('usr/bin/env', { type: 'symlink', linkName: envTarget }) };
  for (const [path, mode, content] of files) {
    const bytes = Buffer.from(content);
    yield { header: header(path, { type: 'file', mode, size: bytes.length }), content: [bytes] };
  }
}

async function* read(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  await using file = await open(path, 'r');
  for await (const chunk of file.createReadStream()) yield chunk as Uint8Array;
}
