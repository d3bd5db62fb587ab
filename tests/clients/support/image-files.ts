/** What an image holds, file by file, as far as two builders have to agree: everything but times. */
import { createHash } from 'node:crypto';
import { createReadStream, type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readXattrs } from '../../../src/engine/linux/xattr.ts';
import { runChecked } from '../../../src/lib/subprocess.ts';

/** What an engine puts into the root of every container that it exports. */
const engineFiles =
  /^\/(?:\.dockerenv|dev(?:\/.*)?|proc(?:\/.*)?|sys(?:\/.*)?|etc\/(?:hosts|hostname|resolv\.conf|mtab))$/;

/** By path: kind, mode, owner, size, digest or target, other names, attributes. */
export async function imageFiles(
  client: readonly string[],
  env: Record<string, string>,
  image: string,
): Promise<Map<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-image-'));
  try {
    const id = (await runChecked([...client, 'create', image, 'x'], { env })).trim();
    await runChecked([...client, 'export', '-o', `${directory}/tar`, id], { env });
    await runChecked([...client, 'rm', id], { env });
    await runChecked(['mkdir', `${directory}/root`], { env });
    await runChecked(
      ['tar', '--xattrs', '--xattrs-include=*', '-xpf', `${directory}/tar`, '-C', `${directory}/root`],
      { env },
    );
    return await described(`${directory}/root`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function described(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const firstNames = new Map<number, string>();
  for (const path of pathsBelow(root, '')) {
    if (engineFiles.test(path)) continue;
    const stat = lstatSync(root + path);
    const first = firstNames.get(stat.ino) ?? path;
    firstNames.set(stat.ino, first);
    const content = stat.isFile()
      ? `${stat.size} ${await digestOf(root + path)}`
      : stat.isSymbolicLink()
        ? `-> ${readlinkSync(root + path)}`
        : stat.isDirectory()
          ? ''
          : `device ${stat.rdev}`;
    const isHard = !stat.isDirectory() && first !== path;
    const parts = [
      stat.mode.toString(8),
      `${stat.uid}:${stat.gid}`,
      content,
      isHard ? `= ${first}` : '',
      attributesOf(root + path),
    ];
    files.set(path, parts.filter((part) => part !== '').join(' '));
  }
  return files;
}

function* pathsBelow(root: string, path: string): Generator<string> {
  const entries: Dirent[] = readdirSync(root + (path || '/'), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    yield `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* pathsBelow(root, `${path}/${entry.name}`);
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** File capabilities; a user's own attributes are kept by cais, as by BuildKit, and lost in dockerd's layers. */
function attributesOf(path: string): string {
  return [...readXattrs(path)]
    .filter(([name]) => name.startsWith('security.'))
    .map(([name, value]) => `${name}=${value.toString('hex')}`)
    .toSorted()
    .join(' ');
}
