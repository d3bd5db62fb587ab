/** A file that ADD takes from a URL: streamed to disk, its digest checked on the way. */
import { open, utimes } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { CorruptError, InvalidError } from '../../../lib/errors.ts';
import { type Digest, parseDigest } from '../../../oci/image/digest.ts';
import { get } from '../context/remote.ts';
import type { RemoteAccess } from '../context/remote-access.ts';

export interface DownloadOptions {
  /** The file goes into it. */
  readonly directory: string;
  /** `sha256:…` */
  readonly checksum?: string;
  readonly signal: AbortSignal;
  /** What opens a private one. */
  readonly access?: RemoteAccess | undefined;
  readonly onProgress?: (url: string, current: number, total: number | undefined) => void;
}

export interface Downloaded {
  /** In the directory. */
  readonly name: string;
  readonly digest: Digest;
}

/** No server has a file like that; what goes on for ever ends here. */
const maxSize = 256 * 1024 ** 3;

/**
 * The file has mode 0600, and the time that the server says, or 1970.
 * @throws InvalidError, NotFoundError, UnavailableError, CorruptError when its digest is another.
 */
export async function download(url: string, options: DownloadOptions): Promise<Downloaded> {
  const { directory, checksum, signal, onProgress } = options;
  if (checksum !== undefined && !/^sha256:[0-9a-f]{64}$/.test(checksum))
    throw new InvalidError(`invalid checksum digest format: ${JSON.stringify(checksum)}`);
  const response = await get(url, signal, options.access);
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isSafeInteger(length) ? length : undefined;
  const name = nameOf(url);
  const path = join(directory, name);
  const hasher = new Bun.CryptoHasher('sha256');
  const file = await open(path, 'wx', 0o600);
  try {
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      if (size > maxSize) throw new InvalidError(`cannot add ${url}: it is too large`);
      hasher.update(chunk);
      await file.writeFile(chunk);
      onProgress?.(url, size, total);
    }
  } finally {
    await file.close();
  }
  const digest = parseDigest(`sha256:${hasher.digest('hex')}`);
  if (checksum !== undefined && digest !== checksum)
    throw new CorruptError(`digest mismatch for ${url}: ${digest} (expected: ${checksum})`);
  const modified = new Date(response.headers.get('last-modified') ?? 0);
  const time = Number.isNaN(modified.getTime()) ? new Date(0) : modified;
  await utimes(path, time, time);
  return { name, digest };
}

/** The last part of the path, as BuildKit names it where there is none. */
function nameOf(url: string): string {
  const name = posix.basename(decode(new URL(url).pathname));
  return name === '' || name === '.' || name === '..' || name.includes('\0') ? '__unnamed__' : name;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
