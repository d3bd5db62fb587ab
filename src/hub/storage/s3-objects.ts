/** What an object store does with objects and uploads, one function each. Keys are below the prefix. */
import type { S3Call, S3Client } from './s3-client.ts';
import { S3Error } from './s3-errors.ts';
import { completeXml, listOf, readXml, textOf } from './s3-xml.ts';

export interface FoundObject {
  readonly key: string;
  readonly size: number;
  readonly modified: Date;
}

export interface FoundUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly begun: Date;
}

/** What one request copies, and how many go on at a time. Stores take up to 5 GiB, and time for it. */
const [copySize, copiesAtOnce] = [256 * 1024 * 1024, 4];
/** How many times longer than others a request may take for which the store moves bytes. */
const copying = 30;

export async function* listObjects(
  client: S3Client,
  prefix: string,
): AsyncGenerator<FoundObject, void, undefined> {
  for (let token: string | undefined = ''; token !== undefined;) {
    const query = {
      'list-type': '2',
      prefix: client.prefix + prefix,
      ...(token && { 'continuation-token': token }),
    };
    const page = readXml((await client.call('GET', null, { query })).body, 'ListBucketResult');
    for (const found of listOf(page, 'Contents')) {
      const key = textOf(found, 'Key').slice(client.prefix.length);
      yield { key, size: Number(textOf(found, 'Size')), modified: new Date(textOf(found, 'LastModified')) };
    }
    token = page['IsTruncated'] === 'true' ? textOf(page, 'NextContinuationToken') : undefined;
  }
}

export async function* listUploads(
  client: S3Client,
  prefix: string,
): AsyncGenerator<FoundUpload, void, undefined> {
  for (let marker: Record<string, string> | undefined = {}; marker !== undefined;) {
    const query = { uploads: '', prefix: client.prefix + prefix, ...marker };
    const page = readXml((await client.call('GET', null, { query })).body, 'ListMultipartUploadsResult');
    for (const found of listOf(page, 'Upload')) {
      const key = textOf(found, 'Key').slice(client.prefix.length);
      yield { key, uploadId: textOf(found, 'UploadId'), begun: new Date(textOf(found, 'Initiated')) };
    }
    marker =
      page['IsTruncated'] === 'true'
        ? {
            'key-marker': textOf(page, 'NextKeyMarker'),
            'upload-id-marker': textOf(page, 'NextUploadIdMarker'),
          }
        : undefined;
  }
}

/** Idempotent. */
export async function removeObject(client: S3Client, key: string, call?: S3Call): Promise<void> {
  await client.call('DELETE', key, call).catch(ignoreMissing);
}

export async function beginUpload(client: S3Client, key: string): Promise<string> {
  const { body } = await client.call('POST', key, { query: { uploads: '' } });
  return textOf(readXml(body, 'InitiateMultipartUploadResult'), 'UploadId');
}

/** What the store calls the part. @param part its number, from 1. */
export async function sendPart(
  client: S3Client,
  key: string,
  uploadId: string,
  part: number,
  body: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const { headers } = await client.call('PUT', key, { query: { partNumber: String(part), uploadId }, body });
  return headers.get('ETag') ?? '';
}

/** The object is there, made of exactly these parts. An answer that was lost on its way is made up for. */
export async function completeUpload(
  client: S3Client,
  key: string,
  uploadId: string,
  etags: readonly string[],
): Promise<void> {
  try {
    await client.call('POST', key, {
      query: { uploadId },
      body: completeXml(etags),
      timeout: client.timeout * copying,
    });
  } catch (error) {
    if (!(error instanceof S3Error) || error.code !== 'NoSuchUpload') throw error;
    // Done by an earlier attempt, unless it was given up, or completed by somebody with other parts.
    const found = await client.find('HEAD', key);
    if (found?.headers.get('ETag')?.replaceAll('"', '') !== wholeEtag(etags)) throw error;
  }
}

/** Idempotent. */
export async function abortUpload(client: S3Client, key: string, uploadId: string): Promise<void> {
  await client.call('DELETE', key, { query: { uploadId } }).catch(ignoreMissing);
}

/** Within the store: the bytes don't come here. Large objects go in pieces, several at once. */
export async function copyObject(
  client: S3Client,
  from: string,
  to: string,
  size: number,
  piece = copySize,
): Promise<void> {
  const source = { 'x-amz-copy-source': client.sourceOf(from) };
  if (size <= piece) {
    await client.call('PUT', to, { headers: source, timeout: client.timeout * copying });
    return;
  }
  const uploadId = await beginUpload(client, to);
  try {
    const etags: string[] = [];
    const starts = Array.from({ length: Math.ceil(size / piece) }, (_, index) => index * piece);
    const queue = starts.entries();
    const work = async (): Promise<void> => {
      for (const [index, start] of queue) {
        const range = `bytes=${start}-${Math.min(start + piece, size) - 1}`;
        const { body } = await client.call('PUT', to, {
          query: { partNumber: String(index + 1), uploadId },
          headers: { ...source, 'x-amz-copy-source-range': range },
          timeout: client.timeout * copying,
        });
        etags[index] = textOf(readXml(body, 'CopyPartResult'), 'ETag');
      }
    };
    await Promise.all(Array.from({ length: copiesAtOnce }, work));
    await completeUpload(client, to, uploadId, etags);
  } catch (error) {
    await abortUpload(client, to, uploadId).catch(() => undefined);
    throw error;
  }
}

/** What the store calls an object of these parts. */
function wholeEtag(etags: readonly string[]): string {
  const hasher = new Bun.CryptoHasher('md5');
  for (const etag of etags) hasher.update(Buffer.from(etag.replaceAll('"', ''), 'hex'));
  return `${hasher.digest('hex')}-${etags.length}`;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof S3Error) || error.status !== 404) throw error;
}
